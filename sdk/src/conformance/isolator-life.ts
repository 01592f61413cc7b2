import type { Isolator } from '../module/index.ts';
import { freeze } from './freeze.ts';
import type {
  ContainerConfig,
  ContainerID,
  ContainerLaunchInfo,
  ContainerState,
} from './messages.ts';
import { executor, task } from './samples.ts';
import type { Scene } from './scene.ts';

export type IsolatorScene = Scene<'Isolator'>;

/** No kernel gives more than 2²² of them. */
export const noSuchPid = 2 ** 22 + 1;

export function configOf(
  { directory, samples }: IsolatorScene,
  more: Partial<ContainerConfig> = {},
): ContainerConfig {
  return freeze({
    directory,
    user: 'nobody',
    commandInfo: { value: 'sleep 1000' },
    executorInfo: executor,
    taskInfo: task,
    resources: task.resources,
    ...samples.config,
    ...more,
  });
}

export function stateOf(id: ContainerID, directory: string): ContainerState {
  return freeze({ containerId: id, executorInfo: executor, pid: noSuchPid, directory });
}

/** Expects the container to be prepared. */
export async function prepare(
  scene: IsolatorScene,
  isolator: Isolator,
  id: ContainerID,
  more: Partial<ContainerConfig> = {},
): Promise<ContainerLaunchInfo | undefined> {
  scene.when(`${nameOf(id)} is prepared`);
  const config = configOf(scene, more);
  return scene.answer('prepare', () => isolator.prepare?.(freeze(id), config));
}

export function nameOf({ value, parent }: ContainerID): string {
  return parent ? `${nameOf(parent)}.${value}` : value;
}
