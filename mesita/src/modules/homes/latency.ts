/** How long calls took. Costs nothing to keep: a count for each eighth of a doubling. */
export interface Latency {
  record(durationMs: number): void;
  readonly counts: Uint32Array;
}

const STEPS = 8;
const BUCKETS = 48 * STEPS;
/** Then all counts are halved, so that what is recent weighs more. */
const FULL = 1_000_000;

export function createLatency(): Latency {
  const counts = new Uint32Array(BUCKETS);
  let sum = 0;
  return {
    record(durationMs) {
      const nanoseconds = durationMs * 1e6;
      const step =
        nanoseconds < 1 ? 0 : Math.min(BUCKETS - 1, (Math.log2(nanoseconds) * STEPS) | 0);
      counts[step] = (counts[step] as number) + 1;
      if (++sum < FULL) return;
      sum = 0;
      for (let at = 0; at < BUCKETS; at++) {
        counts[at] = (counts[at] as number) >> 1;
        sum += counts[at] as number;
      }
    },
    counts,
  };
}

/** Milliseconds, over all of them; undefined before the first call. */
export function percentileOf(all: readonly Latency[], percent: number): number | undefined {
  const total = new Uint32Array(BUCKETS);
  let sum = 0;
  for (const { counts } of all) {
    for (let at = 0; at < BUCKETS; at++) {
      const count = counts[at] as number;
      total[at] = (total[at] as number) + count;
      sum += count;
    }
  }
  if (sum === 0) return undefined;
  let left = Math.ceil((sum * percent) / 100);
  const step = total.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return 2 ** ((step + 0.5) / STEPS) / 1e6;
}
