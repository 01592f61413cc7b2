import type { KindName, Module } from '@mesita/sdk/module';
import { parseParameters } from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { type Target, targetOf } from './guard.ts';
import type { HomeContext } from './lend-context.ts';

/** In the daemon's own process: nothing stands between the two, so a busy loop is felt by both. */
export async function createInDaemon(
  kind: KindName,
  module: Module,
  parameters: readonly Parameter[],
  context: HomeContext,
): Promise<Target> {
  const parsed = parseParameters(module.parameters, parameters);
  if (!parsed.ok) throw new Error(parsed.error);
  const instance: unknown = await module.create(context as never, parsed.value as never);
  if (typeof instance !== 'object' || instance === null) {
    throw new Error('create() made no instance');
  }
  return targetOf(kind, instance as never);
}
