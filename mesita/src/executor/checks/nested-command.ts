import { randomUUID } from 'node:crypto';
import type { CommandInfo, ContainerID } from '@mesita/sdk/types';
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
      const launched = await launch(containers, id, command);
      const termination = launched ? await containers.wait(id) : undefined;
      signal.throwIfAborted();
      // Not launched, or killed: most likely its task ended meanwhile. That tells nothing of the task.
      return termination?.status === sigkill ? undefined : termination?.status;
    } finally {
      signal.removeEventListener('abort', end);
      await containers.remove(id).catch(() => {});
    }
  };
}

async function launch(
  containers: ExecutorContainers,
  id: ContainerID,
  commandInfo: CommandInfo,
): Promise<boolean> {
  const config = { directory: '', commandInfo, containerClass: 'DEBUG' as const };
  return containers.launchNested(id, config).then(
    () => true,
    () => false,
  );
}
