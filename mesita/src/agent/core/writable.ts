/** The books are read-only for all but the files that keep them: these open them. */
export function writable<T>(list: readonly T[]): T[] {
  return list as T[];
}

export function writableMap<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
  return map as Map<K, V>;
}

export function pushBounded<T>(list: readonly T[], item: T, max: number): void {
  const items = writable(list);
  items.push(item);
  if (items.length > max) items.splice(0, items.length - max);
}
