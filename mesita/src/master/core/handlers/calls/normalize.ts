import { toPostRefinement, toPreRefinement } from '@mesita/sdk/resources';
import type {
  ExecutorInfo,
  FrameworkInfo,
  HealthCheck,
  Offer,
  Resource,
  TaskInfo,
} from '@mesita/sdk/types';
import type { Agent } from '../../agent.ts';

/**
 * Schedulers may leave out whom resources are allocated to, and may speak of reservations in the
 * old words. From here on they say both, in the new ones.
 */
export function withAllocation(operation: Offer.Operation, role: string): Offer.Operation {
  return withEach(operation, (resource) => ({
    ...toPostRefinement(resource),
    allocationInfo: resource.allocationInfo ?? { role },
  }));
}

/** An operator's operation: it is about what nobody holds. */
export function inNewWords(operation: Offer.Operation): Offer.Operation {
  return withEach(operation, toPostRefinement);
}

type Change = (resource: Resource) => Resource;

function withEach(operation: Offer.Operation, change: Change): Offer.Operation {
  const { reserve, unreserve, create, destroy, launch, launchGroup } = operation;
  const { growVolume: grow, shrinkVolume: shrink, createDisk, destroyDisk } = operation;
  const all = (resources: readonly Resource[] | undefined) => resources?.map(change);
  return {
    ...operation,
    ...(reserve && { reserve: { resources: all(reserve.resources), source: all(reserve.source) } }),
    ...(unreserve && { unreserve: { resources: all(unreserve.resources) } }),
    ...(create && { create: { volumes: all(create.volumes) } }),
    ...(destroy && { destroy: { volumes: all(destroy.volumes) } }),
    ...(grow && { growVolume: { volume: change(grow.volume), addition: change(grow.addition) } }),
    ...(shrink && { shrinkVolume: { ...shrink, volume: change(shrink.volume) } }),
    ...(createDisk && { createDisk: { ...createDisk, source: change(createDisk.source) } }),
    ...(destroyDisk && { destroyDisk: { ...destroyDisk, source: change(destroyDisk.source) } }),
    ...(launch && {
      launch: { ...launch, taskInfos: launch.taskInfos?.map((task) => ofTask(task, change)) },
    }),
    ...(launchGroup && { launchGroup: ofGroup(launchGroup, change) }),
  };
}

function ofGroup(
  { executor, taskGroup }: Offer.Operation.LaunchGroup,
  change: Change,
): Offer.Operation.LaunchGroup {
  return {
    executor: ofExecutor(executor, change),
    taskGroup: { ...taskGroup, tasks: taskGroup.tasks?.map((task) => ofTask(task, change)) },
  };
}

function ofTask(task: TaskInfo, change: Change): TaskInfo {
  return {
    ...task,
    resources: task.resources?.map(change),
    ...(task.executor && { executor: ofExecutor(task.executor, change) }),
  };
}

function ofExecutor(executor: ExecutorInfo, change: Change): ExecutorInfo {
  return { ...executor, resources: executor.resources?.map(change) };
}

/** What older schedulers leave out and agents need: the executor's framework, the check's type. */
export function completeTask(task: TaskInfo, framework: FrameworkInfo): TaskInfo {
  const { executor, healthCheck } = task;
  return {
    ...task,
    ...(executor && {
      executor: { ...executor, frameworkId: executor.frameworkId ?? framework.id },
    }),
    ...(healthCheck && { healthCheck: completeHealthCheck(healthCheck) }),
  };
}

/** They share its executor. */
export function tasksOfGroup({ executor, taskGroup }: Offer.Operation.LaunchGroup): TaskInfo[] {
  return (taskGroup.tasks ?? []).map((task) => ({ ...task, executor: task.executor ?? executor }));
}

function completeHealthCheck(check: HealthCheck): HealthCheck {
  if (check.type !== undefined) return check;
  if (check.command && !check.http) return { ...check, type: 'COMMAND' };
  if (check.http && !check.command) return { ...check, type: 'HTTP' };
  return check;
}

/** Resources in words that the agent understands. */
export function forAgent<T extends { readonly resources?: readonly Resource[] | undefined }>(
  agent: Agent,
  message: T,
): T {
  if (agent.capabilities.has('RESERVATION_REFINEMENT') || !message.resources) return message;
  const resources = message.resources.map((resource) => toPreRefinement(resource) ?? resource);
  return { ...message, resources };
}
