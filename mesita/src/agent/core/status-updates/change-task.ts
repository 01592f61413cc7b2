import type { TaskId } from '@mesita/sdk/base';
import type { ContainerStatus, TaskState } from '@mesita/sdk/types';
import { isTerminal } from '../../../wire/task-state.ts';
import type { StatusUpdate } from '../../../wire/types/internal.ts';
import { dequeueTask, setLaunchedTask, setTerminatedTask } from '../books.ts';
import { type Context, inform, warn } from '../context.ts';
import { updateContainer } from '../executor-requests.ts';
import type { Executor, Framework } from '../framework.ts';
import { createTask, isPartitionAware, mergeContainerStatus, withStatus } from '../task.ts';

/** Who sent an update, and what is known of the container it speaks of. */
export interface UpdateOrigin {
  readonly executor: Executor;
  readonly status: ContainerStatus | undefined;
}

export function withDrainReason(
  { state }: Context,
  framework: Framework,
  update: StatusUpdate,
): StatusUpdate {
  const told = update.status.state;
  if (!state.drain || (told !== 'TASK_KILLING' && told !== 'TASK_KILLED')) return update;
  const isGone = state.drain.config.markGone && isPartitionAware(framework.info);
  return {
    ...update,
    status: {
      ...update.status,
      reason: 'REASON_AGENT_DRAINING',
      ...(isGone && { state: 'TASK_GONE_BY_OPERATOR' as const }),
    },
  };
}

export function withContainerStatus(
  { config }: Context,
  update: StatusUpdate,
  { executor, status }: UpdateOrigin,
): StatusUpdate {
  const said = update.status.containerStatus;
  // An update that names a container of its own speaks of that one, not of the executor's.
  const known = said?.containerId ? status : executor.status;
  if (!known) return update;
  const containerStatus = mergeContainerStatus(said, known, config.ip);
  return { ...update, status: { ...update.status, containerStatus } };
}

/** False when the update cannot be: a second end, or progress of what was never launched. */
export function changeTask(
  context: Context,
  framework: Framework,
  executor: Executor,
  { status }: StatusUpdate,
): boolean {
  const id = status.taskId.value as TaskId;
  const isEnd = isTerminal(status.state);
  const queued = executor.queuedTasks.get(id);
  const before = queued
    ? isEnd && createTask(queued, status.state, framework.id)
    : executor.launchedTasks.get(id);
  if (!before) {
    warn(context, 'dropping status update that cannot follow', { taskId: id, state: status.state });
    return false;
  }
  if (queued) dequeueTask(executor, id);
  // The data of an update is the scheduler's business and may be large: it is not kept.
  const { data: _, ...kept } = status;
  const task = withStatus(before, kept);
  inform(context, 'task changed', { taskId: id, state: task.state });
  if (!isEnd) {
    setLaunchedTask(executor, task);
    return true;
  }
  setTerminatedTask(executor, task);
  countEnd(context, task.state);
  const isShared = executor.life === 'RUNNING' && executor.kind !== 'COMMAND';
  if (isShared && !queued) updateContainer(context, executor, []);
  return true;
}

function countEnd({ state: { counters } }: Context, state: TaskState): void {
  if (state === 'TASK_FINISHED') counters.tasks_finished++;
  else if (state === 'TASK_FAILED') counters.tasks_failed++;
  else if (state === 'TASK_KILLED') counters.tasks_killed++;
  else if (state === 'TASK_LOST') counters.tasks_lost++;
  else if (state === 'TASK_GONE') counters.tasks_gone++;
}
