/** The value below which the part `q` of the sorted values lies; NaN of none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Jain's index: 1 when all are equal, 1/n when one has everything. Undefined of fewer than two. */
export function jainIndex(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return squares === 0 ? 1 : sum ** 2 / (values.length * squares);
}

export interface Histogram {
  /** Of the first bin's begin and every bin's end. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Bins of equal width on a logarithmic scale; what is beyond the ends counts in the last bins. */
export function logHistogram(
  values: readonly number[],
  { from, to, perDecade }: { from: number; to: number; perDecade: number },
): Histogram {
  const bins = Math.max(1, Math.round(Math.log10(to / from) * perDecade));
  const counts = Array<number>(bins).fill(0);
  for (const value of values) {
    const at = Math.floor(Math.log10(Math.max(value, from) / from) * perDecade + 1e-9);
    const bin = Math.min(bins - 1, Math.max(0, at));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => from * 10 ** (i / perDecade));
  return { edges, counts };
}
