import { randomUUID } from 'node:crypto';
import type { ContainerID } from '@mesita/sdk/types';
import type { ExecutorContainers } from '../executor.ts';
import type { RunCommand } from './probes.ts';

const sigkill = 9;

/**
 * Runs a check's command in a DEBUG container inside the task's: it sees what the task sees, is
 * limited with it and ends with it.
 */
export function runNested(containers: ExecutorContainers, parent: ContainerID): RunCommand {
  return async (command, signal) => {
    const id: ContainerID = { value: `check-${randomUUID()}`, parent };
    const end = (): void => void containers.destroy(id).catch(() => {});
    signal.throwIfAborted();
    signal.addEventListener('abort', end, { once: true });
    try {
      await containers.launchNested(id, {
        directory: '',
        commandInfo: command,
        containerClass: 'DEBUG',
      });
      const termination = await containers.wait(id);
      signal.throwIfAborted();
      if (termination?.status === undefined) throw new Error('The command has no exit status');
      // Killed: most likely its task ended meanwhile, which says nothing about the task.
      return termination.status === sigkill ? undefined : termination.status;
    } finally {
      signal.removeEventListener('abort', end);
      await containers.remove(id).catch(() => {});
    }
  };
}
