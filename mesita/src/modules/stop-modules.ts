import type { Logger } from '@mesita/sdk/base';
import type { Anonymous } from '@mesita/sdk/module';
import type { ModuleManager } from './manager.ts';

/** Tells anonymous modules of the end, and ends the homes of all. */
export async function stopModules(
  { shop }: Pick<ModuleManager, 'shop'>,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  const stopping = shop.made.map(async ({ held }) => {
    if (held.kind === 'Anonymous') await (held.instance as Anonymous).stop?.();
    await held.version.housed.stop();
  });
  for (const outcome of await Promise.allSettled(stopping)) {
    if (outcome.status === 'rejected') log.warn('module did not stop', { error: outcome.reason });
  }
}
