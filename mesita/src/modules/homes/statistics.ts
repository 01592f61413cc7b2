import type { Latency } from './latency.ts';

/** What became of one method's calls. */
export interface MethodStatistics {
  calls: number;
  /** All that failed, for whatever reason. */
  errors: number;
  timeouts: number;
  /** Answers that are none. */
  nonsense: number;
  /** Not made: the breaker was open, or too many were waiting. */
  refused: number;
  readonly latency: Latency;
  readonly pending: number;
  readonly isOpen: boolean;
}

const counted = ['calls', 'errors', 'timeouts', 'nonsense', 'refused', 'pending'] as const;

/** Sums, and the percentiles of each method that was called. */
export function sumStatistics(
  all: ReadonlyMap<string, MethodStatistics>,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>(counted.map((name) => [name, 0]));
  for (const [method, statistics] of all) {
    for (const name of counted) sums.set(name, (sums.get(name) as number) + statistics[name]);
    for (const percent of [50, 99]) {
      const durationMs = statistics.latency.percentile(percent);
      if (durationMs !== undefined) sums.set(`${method}/p${percent}_ms`, durationMs);
    }
  }
  return sums;
}
