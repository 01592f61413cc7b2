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

export function stateOf({ directory, samples }: IsolatorScene, id: ContainerID): ContainerState {
  const pid = samples.pid ?? noSuchPid;
  return freeze({ containerId: id, executorInfo: executor, pid, directory });
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

type Observed = 'usage' | 'status';

/**
 * Looks at the container. Where a real process was isolated an answer is due; elsewhere a refusal is
 * as good. Gives whether there was one.
 */
export async function observe(
  scene: IsolatorScene,
  isolator: Isolator,
  method: Observed,
  id: ContainerID,
): Promise<boolean> {
  if (!isolator[method]) return false;
  const ask = async () => (await isolator[method]?.(id)) ?? {};
  if (scene.samples.pid === undefined) return (await scene.end(method, ask)).state === 'answered';
  await scene.answer(method, ask);
  return true;
}

/** Isolates the process that its author gave, or one that does not exist. */
export async function isolate(
  scene: IsolatorScene,
  isolator: Isolator,
  id: ContainerID,
): Promise<void> {
  const { pid } = scene.samples;
  scene.when(`${nameOf(id)} is isolated`);
  if (pid === undefined) await scene.end('isolate', () => isolator.isolate?.(id, noSuchPid));
  else await scene.answer('isolate', () => isolator.isolate?.(id, pid));
}

export function nameOf({ value, parent }: ContainerID): string {
  return parent ? `${nameOf(parent)}.${value}` : value;
}
