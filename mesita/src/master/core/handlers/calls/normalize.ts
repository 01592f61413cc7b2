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
  const { launch, launchGroup } = operation;
  const tasks = (infos: readonly TaskInfo[] | undefined) =>
    infos?.map((info) => ({
      ...info,
      resources: allocated(info.resources, role),
      ...(info.executor && { executor: allocatedExecutor(info.executor, role) }),
    }));
  if (launch) return { ...operation, launch: { ...launch, taskInfos: tasks(launch.taskInfos) } };
  if (!launchGroup) return operation;
  const { executor, taskGroup } = launchGroup;
  return {
    ...operation,
    launchGroup: {
      ...launchGroup,
      executor: allocatedExecutor(executor, role),
      taskGroup: { ...taskGroup, tasks: tasks(taskGroup.tasks) },
    },
  };
}

function allocatedExecutor(executor: ExecutorInfo, role: string): ExecutorInfo {
  return { ...executor, resources: allocated(executor.resources, role) };
}

function allocated(
  resources: readonly Resource[] | undefined,
  role: string,
): readonly Resource[] | undefined {
  return resources?.map((resource) => ({
    ...toPostRefinement(resource),
    allocationInfo: resource.allocationInfo ?? { role },
  }));
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
