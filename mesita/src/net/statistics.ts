/** Keeps the newest values of a window, at most this many. */
const CAPACITY = 1000;

interface TimeSeries {
  add(now: number, value: number): void;
  /** Undefined while the window holds fewer than two values, as in Mesos. */
  summarize(now: number): ReadonlyMap<string, number> | undefined;
}

const percentiles: readonly (readonly [string, number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
  ['p9999', 0.9999],
];

export function createTimeSeries(windowMs: number): TimeSeries {
  let points: { readonly at: number; readonly value: number }[] = [];
  return {
    add(now, value) {
      points.push({ at: now, value });
      // Cut in halves, so that most additions cost nothing.
      if (points.length >= 2 * CAPACITY) points = points.slice(-CAPACITY);
    },
    summarize(now) {
      points = points.slice(-CAPACITY).filter(({ at }) => at > now - windowMs);
      if (points.length < 2) return undefined;
      const values = points.map(({ value }) => value).sort((a, b) => a - b);
      return new Map([
        ['count', values.length],
        ['max', values.at(-1)!],
        ['min', values[0]!],
        ...percentiles.map(([name, part]) => [name, percentile(values, part)] as const),
      ]);
    },
  };
}

/** Of sorted values, with linear interpolation between neighbours. */
function percentile(sorted: readonly number[], part: number): number {
  const position = part * (sorted.length - 1);
  const index = Math.floor(position);
  const low = sorted[index]!;
  const high = sorted[index + 1] ?? low;
  return low + (position - index) * (high - low);
}
