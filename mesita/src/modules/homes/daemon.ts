import type { KindName, Module } from '@mesita/sdk/module';
import { parseParameters } from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { within } from '../deadline.ts';
import { type Target, targetOf } from './guard.ts';
import type { HomeContext } from './lend-context.ts';

interface DaemonOptions {
  readonly kind: KindName;
  readonly module: Module;
  readonly parameters: readonly Parameter[];
  readonly context: HomeContext;
  readonly createMs: number;
}

/** In the daemon's own process: nothing stands between the two, so a busy loop is felt by both. */
export async function createInDaemon(options: DaemonOptions): Promise<Target> {
  const { kind, module, parameters, context, createMs } = options;
  const parsed = parseParameters(module.parameters, parameters);
  if (!parsed.ok) throw new Error(parsed.error);
  const create = async () => module.create(context as never, parsed.value as never);
  const instance: unknown = await within(createMs, create());
  if (typeof instance !== 'object' || instance === null) throw new NoInstance();
  return targetOf(kind, instance as never);
}

/** `create` gave nothing to call; Mesos has no words for it either. */
export class NoInstance extends Error {
  constructor() {
    super('create() made no instance');
  }
}
