import type { ExecutorId, FrameworkId, TaskId } from '@mesita/sdk/base';
import type {
  ContainerStatus,
  FrameworkInfo,
  Task,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '@mesita/sdk/types';
import type { StatusUpdate } from '../../wire/types/internal.ts';
import { uuidBytes } from '../../wire/uuid.ts';
import type { Context } from './context.ts';
import type { Executor, Framework } from './state.ts';

export function isPartitionAware(info: FrameworkInfo): boolean {
  return info.capabilities?.some(({ type }) => type === 'PARTITION_AWARE') ?? false;
}

/** The state of a task that never reached an executor, in words its framework understands. */
export function droppedState(info: FrameworkInfo): TaskState {
  return isPartitionAware(info) ? 'TASK_DROPPED' : 'TASK_LOST';
}

/** The state of a task that ran and is gone. */
export function goneState(info: FrameworkInfo): TaskState {
  return isPartitionAware(info) ? 'TASK_GONE' : 'TASK_LOST';
}

/** The record that master and agent keep of a task: no command, but its states. */
export function createTask(info: TaskInfo, state: TaskState, frameworkId: FrameworkId): Task {
  const user = info.command?.user ?? info.executor?.command?.user;
  return {
    name: info.name,
    taskId: info.taskId,
    frameworkId: { value: frameworkId },
    agentId: info.agentId,
    state,
    ...(info.executor && { executorId: info.executor.executorId }),
    ...(info.resources && { resources: info.resources }),
    ...(info.limits && { limits: info.limits }),
    ...(info.labels && { labels: info.labels }),
    ...(info.discovery && { discovery: info.discovery }),
    ...(info.container && { container: info.container }),
    ...(info.healthCheck && { healthCheck: info.healthCheck }),
    ...(info.killPolicy && { killPolicy: info.killPolicy }),
    ...(user !== undefined && { user }),
  };
}

/** A task's record with one more status. Of equal states in a row only the last is kept. */
export function withStatus(task: Task, status: TaskStatus): Task {
  const earlier = task.statuses ?? [];
  const kept = earlier.at(-1)?.state === status.state ? earlier.slice(0, -1) : earlier;
  return { ...task, state: status.state, statuses: [...kept, status] };
}

export function findExecutorOfTask(framework: Framework, id: TaskId): Executor | undefined {
  // One that the agent made for a command has the task's name.
  const namesake = framework.executors.get(id as string as ExecutorId);
  if (namesake && holds(namesake, id)) return namesake;
  for (const executor of framework.executors.values()) if (holds(executor, id)) return executor;
  return undefined;
}

function holds({ queuedTasks, launchedTasks, terminatedTasks }: Executor, id: TaskId): boolean {
  return launchedTasks.has(id) || queuedTasks.has(id) || terminatedTasks.has(id);
}

export interface OwnUpdate {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  readonly state: TaskState;
  readonly reason: TaskStatus.Reason;
  readonly message: string;
  readonly executorId?: string | undefined;
  readonly limitation?: TaskStatus['limitation'];
}

/** An update that the agent makes itself, about a task no executor can speak for. */
export function createOwnUpdate(context: Context, facts: OwnUpdate): StatusUpdate {
  const uuid = uuidBytes(context.config.random);
  const timestamp = context.now / 1000;
  const agentId = { value: context.state.info.id?.value ?? '' };
  const executorId = facts.executorId === undefined ? undefined : { value: facts.executorId };
  return {
    frameworkId: { value: facts.frameworkId },
    agentId,
    ...(executorId && { executorId }),
    timestamp,
    uuid,
    status: {
      taskId: { value: facts.taskId },
      state: facts.state,
      message: facts.message,
      agentId,
      timestamp,
      ...(executorId && { executorId }),
      source: 'SOURCE_AGENT',
      reason: facts.reason,
      uuid,
      ...(facts.limitation && { limitation: facts.limitation }),
    },
  };
}

/** What the update says of its container, completed by what the containerizer knows. */
export function mergeContainerStatus(
  said: ContainerStatus | undefined,
  known: ContainerStatus,
  ip: string,
): ContainerStatus {
  const networkInfos = [...(said?.networkInfos ?? []), ...(known.networkInfos ?? [])];
  return {
    ...said,
    ...known,
    networkInfos: networkInfos.length > 0 ? networkInfos : [{ ipAddresses: [{ ipAddress: ip }] }],
  };
}

export function taskIdOf(task: Pick<TaskInfo, 'taskId'>): TaskId {
  return task.taskId.value as TaskId;
}
