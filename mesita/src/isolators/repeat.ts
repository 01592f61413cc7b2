import type { ModuleContext } from '@mesita/sdk/module';

/** Again and again until the agent ends, the next time that long after the last one was done. */
export function repeatEvery(
  { clock, log, signal }: Pick<ModuleContext, 'clock' | 'log' | 'signal'>,
  intervalMs: number,
  work: () => Promise<void>,
): void {
  if (signal.aborted) return;
  clock.setTimer(intervalMs, () => {
    work()
      .catch((error: unknown) => log.warn('periodic check failed', { error }))
      .finally(() => repeatEvery({ clock, log, signal }, intervalMs, work));
  });
}
