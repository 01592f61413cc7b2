// Fields that the schema does not know, kept as they came so that a newer peer finds them again.

/** Gathered during one decode and joined at its end, so that merging stays linear. */
export interface Unknown {
  readonly pieces: Uint8Array[];
  /** Range of the input not yet copied: neighbours are taken as one piece. */
  start: number;
  end: number;
}

export type UnknownFields = Map<object, Unknown>;

export function keepRange(
  unknown: UnknownFields,
  message: object,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const kept = entry(unknown, message);
  if (kept.end !== start) {
    flush(kept, bytes);
    kept.start = start;
  }
  kept.end = end;
}

/** Keeps bytes that are not a range of the input. */
export function keepPiece(
  unknown: UnknownFields,
  message: object,
  bytes: Uint8Array,
  piece: Uint8Array,
): void {
  const kept = entry(unknown, message);
  flush(kept, bytes);
  kept.pieces.push(piece);
}

export function attachUnknown(unknown: UnknownFields, bytes: Uint8Array): void {
  for (const [message, kept] of unknown) {
    flush(kept, bytes);
    (message as { $unknown?: Uint8Array }).$unknown = join(kept.pieces);
  }
}

function entry(unknown: UnknownFields, message: object): Unknown {
  let kept = unknown.get(message);
  if (!kept) {
    kept = { pieces: [], start: 0, end: 0 };
    unknown.set(message, kept);
  }
  return kept;
}

function flush(kept: Unknown, bytes: Uint8Array): void {
  if (kept.end > kept.start) kept.pieces.push(bytes.slice(kept.start, kept.end));
  kept.start = kept.end;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  const whole = new Uint8Array(pieces.reduce((size, p) => size + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
