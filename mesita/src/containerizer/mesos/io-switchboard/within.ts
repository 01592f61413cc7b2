import type { Clock } from '@mesita/sdk/base';

/** Resolves with the work, or when the time is over. */
export async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = clock.setTimer(ms, resolve);
    void work.then(() => {
      timer.cancel();
      resolve();
    });
  });
}
