import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Lets others have the loop between steps of work that comes in thousands: to be awaited before
 * each step. One step follows the other; when those of a turn took 10 ms the next waits for another.
 */
export type Breathe = () => Promise<void>;

const turnMs = 10;

export function createBreathing(now: () => number = () => performance.now()): Breathe {
  let beganMs: number | undefined;
  let last: Promise<void> = Promise.resolve();

  function check(): Promise<void> | undefined {
    if (beganMs !== undefined && now() - beganMs >= turnMs) return nextTurn().then(check);
    if (beganMs === undefined) {
      beganMs = now();
      setImmediate(() => {
        beganMs = undefined;
      });
    }
    return undefined;
  }

  // Whoever waits for a promise goes on before whoever asks next: his step is measured by then.
  return () => {
    last = last.then(check);
    return last;
  };
}
