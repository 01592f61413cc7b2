// How long things take, on the wall and on the processor: other processes on the machine lengthen
// the one and hardly the other.

export interface Took {
  readonly wallMs: number;
  /** All threads: collecting garbage and compiling count. */
  readonly cpuMs: number;
}

export function timed(act: () => void): Took {
  const cpu = process.cpuUsage();
  const start = performance.now();
  act();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/**
 * For what happens once in a row: what the set-up left behind is collected before, as it is freed
 * at once in C++. Garbage of the timed phase counts as soon as it has to be collected.
 */
export function timedOnce(act: () => void): Took {
  // Twice: what lives is moved once within the young generation, then out of it. A collection of
  // everything would also throw away compiled code.
  for (let i = 0; i < 2; i++) globalThis.gc?.({ type: 'minor' });
  return timed(act);
}

export function ms(took: Took | number): string {
  const duration = typeof took === 'number' ? took : took.wallMs;
  if (duration < 1) return `${(duration * 1000).toFixed(1)}us`;
  return `${duration.toFixed(duration < 100 ? 2 : 1)}ms`;
}

/** Where a row says what it does, and what its figures are. */
export interface Report {
  say(line: string): void;
  /** A figure of the table; equal names of one run are one figure, the middle of them. */
  figure(name: string, took: Took): void;
}

export interface Row {
  readonly name: string;
  readonly run: (report: Report) => void;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
