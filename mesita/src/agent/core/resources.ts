import type { Resource, TaskInfo, Value } from '@mesita/sdk/types';
import type { ResourceLimits } from './effects.ts';
import type { Executor } from './state.ts';

/** What a run holds: its own share and that of the tasks it still has. */
export function allocatedResources(executor: Executor): readonly Resource[] {
  const { info, queuedTasks, launchedTasks } = executor;
  return [
    ...(info.resources ?? []),
    ...[...queuedTasks.values()].flatMap((task) => task.resources ?? []),
    ...[...launchedTasks.values()].flatMap((task) => task.resources ?? []),
  ];
}

type Limited = Pick<TaskInfo, 'resources' | 'limits'>;

/**
 * The limits of a container from those of its tasks. A resource is limited only when some task
 * limits it; what the executor and the other tasks asked for is added, for they share the limit.
 */
export function containerLimits(
  executor: readonly Resource[],
  tasks: Iterable<Limited>,
): ResourceLimits {
  const limits: Record<string, Value.Scalar> = {};
  const all = [...tasks];
  for (const name of ['cpus', 'mem']) {
    if (!all.some((task) => task.limits?.[name])) continue;
    let value = scalarOf(executor, name);
    for (const task of all) {
      value += task.limits?.[name]?.value ?? scalarOf(task.resources ?? [], name);
    }
    limits[name] = { value };
  }
  return limits;
}

export function executorLimits(executor: Executor): ResourceLimits {
  const tasks = [...executor.queuedTasks.values(), ...executor.launchedTasks.values()];
  return containerLimits(executor.info.resources ?? [], tasks);
}

function scalarOf(resources: readonly Resource[], name: string): number {
  let sum = 0;
  for (const resource of resources) if (resource.name === name) sum += resource.scalar?.value ?? 0;
  return sum;
}
