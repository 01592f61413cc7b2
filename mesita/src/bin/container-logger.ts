// The module that takes what containers print.
import type { ContainerLogger } from '@mesita/sdk/module';
import type { ModuleManager } from '../modules/manager.ts';

/** Undefined: the sandbox's own files. What is made rejects with Mesos' text. */
export function containerLoggerFactory(
  name: string | undefined,
  manager: Pick<ModuleManager, 'create'>,
): (() => Promise<ContainerLogger>) | undefined {
  if (name === undefined) return undefined;
  return async () => {
    try {
      return await manager.create('ContainerLogger', name);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new Error(`Failed to create container logger module '${name}': ${reason}`, { cause });
    }
  };
}
