import type { ContainerInfo, Environment, Resource, TaskInfo, Volume } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import type { ExecutorContext } from './executor.ts';

/** The nested container of a pod's task. Its sandbox is the containerizer's to choose. */
export function nestedConfig(task: TaskInfo, context: ExecutorContext): ContainerConfig {
  const { resources = [], command = {}, limits } = task;
  const variables: Environment.Variable[] = [
    ...(command.environment?.variables ?? []),
    ...(context.containerIp ? [{ name: 'MESOS_CONTAINER_IP', value: context.containerIp }] : []),
    { name: 'MESOS_ALLOCATION_ROLE', value: resources[0]?.allocationInfo?.role ?? '' },
  ];
  return {
    directory: '',
    commandInfo: { ...command, environment: { variables } },
    containerInfo: withVolumes(task.container, resources),
    resources,
    limits,
  };
}

/** Disks are mounted in the executor's container; its tasks see them through its sandbox. */
function withVolumes(
  container: ContainerInfo | undefined,
  resources: readonly Resource[],
): ContainerInfo | undefined {
  const volumes = resources.flatMap(({ disk }): Volume[] => {
    if (!disk?.volume) return [];
    const { mode, containerPath } = disk.volume;
    const sandboxPath = { type: 'PARENT' as const, path: containerPath };
    return [{ mode, containerPath, source: { type: 'SANDBOX_PATH', sandboxPath } }];
  });
  if (volumes.length === 0) return container;
  const base: ContainerInfo = container ?? { type: 'MESOS' };
  return { ...base, volumes: [...(base.volumes ?? []), ...volumes] };
}
