import type { Clock, Timer } from '@mesita/sdk/base';

interface Schedule {
  readonly delayMs: number;
  readonly intervalMs: number;
  /** 0: a probe may take for ever. */
  readonly timeoutMs: number;
}

/**
 * One look at the task. Undefined: there is no result, look again later. Rejects when it could not
 * be had, or `signal` ended it.
 */
export type Probe<T> = (signal: AbortSignal) => Promise<T | undefined>;

type ProbeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** Probes after the delay, then again an interval after each answer. Call the result to stop. */
export function repeatProbe<T>(
  clock: Clock,
  schedule: Schedule,
  probe: Probe<T>,
  report: (result: ProbeResult<T>) => void,
): () => void {
  const stopped = new AbortController();
  let timer: Timer = clock.setTimer(schedule.delayMs, () => void once());

  async function once(): Promise<void> {
    const result = await probeInTime(clock, schedule.timeoutMs, probe, stopped.signal);
    if (stopped.signal.aborted) return;
    // Set before the report: it may stop the probing.
    timer = clock.setTimer(schedule.intervalMs, () => void once());
    if (result) report(result);
  }

  return () => {
    stopped.abort();
    timer.cancel();
  };
}

async function probeInTime<T>(
  clock: Clock,
  timeoutMs: number,
  probe: Probe<T>,
  stopped: AbortSignal,
): Promise<ProbeResult<T> | undefined> {
  const limit = new AbortController();
  const timer =
    timeoutMs > 0
      ? clock.setTimer(timeoutMs, () => limit.abort(new Error('timed out')))
      : undefined;
  try {
    const value = await probe(AbortSignal.any([limit.signal, stopped]));
    return value === undefined ? undefined : { ok: true, value };
  } catch (error) {
    return { ok: false, error };
  } finally {
    timer?.cancel();
  }
}
