import type { Clock, Timer } from '@mesita/sdk/base';

const sigterm = 15;
const sigkill = 9;

/** SIGTERM first; SIGKILL when the grace period is over. A later request can only shorten it. */
interface Escalation {
  /** True the first time. */
  begin(graceMs: number): boolean;
  hasBegun(): boolean;
  stop(): void;
}

export function createEscalation(clock: Clock, signal: (number: number) => void): Escalation {
  let begunMs: number | undefined;
  let killMs = Number.POSITIVE_INFINITY;
  let timer: Timer | undefined;
  return {
    begin(graceMs) {
      const nowMs = clock.now();
      const isFirst = begunMs === undefined;
      begunMs ??= nowMs;
      if (isFirst) signal(sigterm);
      if (begunMs + graceMs < killMs) {
        killMs = begunMs + graceMs;
        timer?.cancel();
        timer = clock.setTimer(Math.max(0, killMs - nowMs), () => signal(sigkill));
      }
      return isFirst;
    },
    hasBegun: () => begunMs !== undefined,
    stop: () => timer?.cancel(),
  };
}
