type Plain = Readonly<Record<string, unknown>>;

/** What protobuf calls a merge: lists append, sub-messages merge, of scalars the later one wins. */
export function mergeMessages<T extends object>(earlier: T, later: T): T {
  const merged: Record<string, unknown> = { ...(earlier as Plain) };
  for (const [property, value] of Object.entries(later)) {
    if (value === undefined) continue;
    merged[property] = mergeValues(merged[property], value);
  }
  return merged as T;
}

function mergeValues(earlier: unknown, later: unknown): unknown {
  if (Array.isArray(earlier) && Array.isArray(later)) return [...earlier, ...later];
  if (isMessage(earlier) && isMessage(later)) return mergeMessages(earlier, later);
  return later;
}

function isMessage(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}
