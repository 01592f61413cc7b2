import { type Latency, percentileOf } from './latency.ts';

/** What became of one method's calls. */
export interface MethodStatistics {
  calls: number;
  /** All that failed, for whatever reason. */
  failures: number;
  timeouts: number;
  /** Answers that are none. */
  nonsense: number;
  /** Not made: the breaker was open, or too many were waiting. */
  refused: number;
  readonly latency: Latency;
  readonly pending: number;
  readonly isOpen: boolean;
}

const counted = ['calls', 'failures', 'timeouts', 'nonsense', 'refused', 'pending'] as const;

/** Sums, and the percentiles of all calls and of each method that was called. */
export function sumStatistics(
  all: ReadonlyMap<string, MethodStatistics>,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>(counted.map((name) => [name, 0]));
  const put = (name: string, latencies: readonly Latency[]) => {
    for (const percent of [50, 99]) {
      const durationMs = percentileOf(latencies, percent);
      if (durationMs !== undefined) sums.set(`${name}p${percent}_ms`, durationMs);
    }
  };
  let open = 0;
  for (const [method, statistics] of all) {
    for (const name of counted) sums.set(name, (sums.get(name) as number) + statistics[name]);
    if (statistics.isOpen) open++;
    put(`${method}/`, [statistics.latency]);
  }
  put(
    '',
    [...all.values()].map(({ latency }) => latency),
  );
  return sums.set('breaker_open', open);
}
