// Fields that the schema does not know, kept as they came so that a newer peer finds them again.

/** Gathered during one decode and attached at its end, so that merging stays linear. */
export type UnknownFields = Map<object, Gathered>;

interface Gathered {
  buffer: Uint8Array;
  size: number;
}

/** Keeps `bytes` from `start` to `end`, behind what the message has so far. */
export function keepUnknown(
  unknown: UnknownFields,
  message: object,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const gathered = gatheredFor(unknown, message);
  const size = gathered.size + end - start;
  if (size > gathered.buffer.length) {
    const larger = new Uint8Array(Math.max(size, gathered.buffer.length * 2));
    larger.set(gathered.buffer);
    gathered.buffer = larger;
  }
  gathered.buffer.set(bytes.subarray(start, end), gathered.size);
  gathered.size = size;
}

export function attachUnknown(unknown: UnknownFields): void {
  for (const [message, { buffer, size }] of unknown)
    (message as { $unknown?: Uint8Array }).$unknown = buffer.slice(0, size);
}

function gatheredFor(unknown: UnknownFields, message: object): Gathered {
  const known = unknown.get(message);
  if (known) return known;
  const gathered = { buffer: new Uint8Array(16), size: 0 };
  unknown.set(message, gathered);
  return gathered;
}
