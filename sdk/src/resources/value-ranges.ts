import type { Value } from '../types/mesos.ts';

/**
 * Begin and end alternating, both inclusive: `[b0, e0, b1, e1, …]`; sorted, and with a gap of at
 * least one between neighbours. Every operation here is linear in the number of intervals.
 */
export type Ranges = readonly number[];

export function rangesFromMessage(message: Value.Ranges | undefined): Ranges {
  const pairs = message?.range ?? [];
  const flat: number[] = [];
  let sorted = true;
  for (const { begin, end } of pairs) {
    const last = flat[flat.length - 1];
    if (begin > end || (last !== undefined && begin <= last + 1)) sorted = false;
    flat.push(begin, end);
  }
  return sorted ? flat : coalesce(flat);
}

export function rangesToMessage(ranges: Ranges): Value.Ranges {
  const range: Value.Range[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    range.push({ begin: ranges[i] as number, end: ranges[i + 1] as number });
  }
  return { range };
}

/** Sorts and merges what overlaps or touches. An interval that ends before it begins is dropped. */
export function coalesce(flat: readonly number[]): Ranges {
  const pairs: [number, number][] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const begin = flat[i] as number;
    const end = flat[i + 1] as number;
    if (begin <= end) pairs.push([begin, end]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [begin, end] of pairs) append(merged, begin, end);
  return merged;
}

/** Adds an interval that does not begin before the last one does. */
function append(into: number[], begin: number, end: number): void {
  const last = into.length - 1;
  if (last > 0 && begin <= (into[last] as number) + 1) {
    if (end > (into[last] as number)) into[last] = end;
  } else {
    into.push(begin, end);
  }
}

export function addRanges(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && (a[i] as number) <= (b[j] as number))) {
      append(merged, a[i] as number, a[i + 1] as number);
      i += 2;
    } else {
      append(merged, b[j] as number, b[j + 1] as number);
      j += 2;
    }
  }
  return merged;
}

export function subtractRanges(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0 || b.length === 0) return a;
  const left: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let begin = a[i] as number;
    const end = a[i + 1] as number;
    while (j < b.length && (b[j + 1] as number) < begin) j += 2;
    // The last interval taken may reach into the next one of `a`, so `j` stays at it.
    while (j < b.length && (b[j] as number) <= end) {
      if ((b[j] as number) > begin) left.push(begin, (b[j] as number) - 1);
      begin = (b[j + 1] as number) + 1;
      if (begin > end) break;
      j += 2;
    }
    if (begin <= end) left.push(begin, end);
  }
  return left;
}

export function rangesContain(a: Ranges, b: Ranges): boolean {
  let i = 0;
  for (let j = 0; j < b.length; j += 2) {
    while (i < a.length && (a[i + 1] as number) < (b[j] as number)) i += 2;
    if (i >= a.length) return false;
    if ((a[i] as number) > (b[j] as number) || (a[i + 1] as number) < (b[j + 1] as number))
      return false;
  }
  return true;
}

export function rangesEqual(a: Ranges, b: Ranges): boolean {
  return a.length === b.length && a.every((bound, index) => bound === b[index]);
}

/** How many numbers the ranges hold. */
export function rangesSize(ranges: Ranges): number {
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2)
    size += (ranges[i + 1] as number) - (ranges[i] as number) + 1;
  return size;
}

/** `[31000-32000, 33000-33000]`. */
export function formatRanges(ranges: Ranges): string {
  const texts: string[] = [];
  for (let i = 0; i < ranges.length; i += 2) texts.push(`${ranges[i]}-${ranges[i + 1]}`);
  return `[${texts.join(', ')}]`;
}
