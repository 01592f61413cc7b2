import type { FrameworkId, TaskId } from '@mesita/sdk/base';
import type { KillPolicy } from '@mesita/sdk/types';
import { type Context, type Found, type Handler, inform, warn } from '../context.ts';
import { destroyExecutor, shutdownExecutor } from '../executor-life.ts';
import { sendToExecutor } from '../executor-requests.ts';
import { isFromMaster } from '../from-master.ts';
import type { Executor, Framework } from '../state.ts';
import { sendOwnUpdate } from '../status-updates/accept.ts';
import { droppedState, findExecutorOfTask, taskIdOf } from '../task.ts';
import { wasEverSentTask } from '../task-history.ts';

export const killTask: Handler<'KillTaskMessage'> = (context, event) => {
  const { state } = context;
  if (!isFromMaster(context, event)) return;
  const { frameworkId, taskId: id, killPolicy } = event.message;
  const taskId = id.value as TaskId;
  const framework = state.frameworks.get(frameworkId.value as FrameworkId);
  if (state.life === 'RECOVERING' || state.life === 'TERMINATING') return;
  if (framework?.life !== 'RUNNING') {
    warn(context, 'ignoring kill for a framework that is not running here', { taskId });
    return;
  }
  inform(context, 'asked to kill task', { taskId, frameworkId: framework.id });
  const executor = findExecutorOfTask(framework, taskId);
  if (!executor) {
    sendOwnUpdate(context, {
      frameworkId: framework.id,
      taskId,
      state: droppedState(framework.info),
      reason: 'REASON_EXECUTOR_TERMINATED',
      message: 'Cannot find executor',
    });
    return;
  }
  killOne(context, { framework, executor }, taskId, killPolicy);
};

export function killOne(
  context: Context,
  { framework, executor }: Found,
  taskId: TaskId,
  killPolicy: KillPolicy | undefined,
): void {
  if (executor.life === 'TERMINATING' || executor.life === 'TERMINATED') return;
  if (executor.queuedTasks.has(taskId)) {
    killQueued(context, framework, executor, taskId);
    return;
  }
  sendToExecutor(context, executor, {
    type: 'KILL',
    kill: { taskId: { value: taskId }, ...(killPolicy && { killPolicy }) },
  });
}

/** The executor never hears of it. A group goes as one. */
function killQueued(
  context: Context,
  framework: Framework,
  executor: Executor,
  taskId: TaskId,
): void {
  const group = executor.queuedGroups.find(({ tasks }) =>
    tasks?.some((task) => taskIdOf(task) === taskId),
  );
  if (executor.kind === 'COMMAND' && executor.hasContainer) {
    // Its command may have begun by now: it is over when the container is.
    destroyExecutor(context, executor, {
      state: 'TASK_KILLED',
      reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
      message: 'Killed before delivery to the executor',
    });
    return;
  }
  const isGroupUnregistered = group && executor.life === 'REGISTERING';
  for (const victim of group?.tasks?.map(taskIdOf) ?? [taskId]) {
    sendOwnUpdate(context, {
      frameworkId: framework.id,
      taskId: victim,
      executorId: executor.id,
      state: 'TASK_KILLED',
      reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
      message: isGroupUnregistered
        ? 'A task within the task group was killed before delivery to the executor'
        : 'Killed before delivery to the executor',
    });
  }
  if (executor.queuedTasks.size > 0 || wasEverSentTask(executor)) return;
  // A custom executor is told when it subscribes. A container of the agent's own executor would
  // run its command meanwhile, so it goes now.
  if (executor.life === 'RUNNING' || executor.kind !== 'CUSTOM') {
    inform(context, 'shutting down executor that has nothing to run', { executorId: executor.id });
    shutdownExecutor(context, executor);
  }
}
