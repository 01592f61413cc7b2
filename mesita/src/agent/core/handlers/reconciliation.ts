import type { FrameworkId, TaskId } from '@mesita/sdk/base';
import { isTerminal } from '../../../wire/task-state.ts';
import type { ReconcileTasksMessage } from '../../../wire/types/internal.ts';
import { type Context, warn } from '../context.ts';
import { sendUnbooked } from '../status-updates/accept.ts';
import { droppedState, findExecutorOfTask } from '../task.ts';
import { streamKey } from '../update-stream.ts';

/** Tells the master the end of each task that it counts on and that never came, or is gone. */
export function reconcileTasks(context: Context, message: ReconcileTasksMessage): void {
  const { state } = context;
  const frameworkId = message.frameworkId.value as FrameworkId;
  const framework = state.frameworks.get(frameworkId);
  for (const { taskId: id } of message.statuses ?? []) {
    const taskId = id.value as TaskId;
    if (framework && findExecutorOfTask(framework, taskId)) continue;
    // Its end is on the way, and is repeated until it is acknowledged.
    const waiting = state.streams.get(streamKey(frameworkId, taskId))?.pending ?? [];
    if (waiting.some(({ status }) => isTerminal(status.state))) continue;
    warn(context, 'task is unknown here', { frameworkId, taskId });
    sendUnbooked(context, {
      frameworkId,
      taskId,
      state: message.framework ? droppedState(message.framework) : 'TASK_LOST',
      message: 'Reconciliation: task unknown to the agent',
      reason: 'REASON_RECONCILIATION',
    });
  }
}
