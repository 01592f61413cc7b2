import type { FrameworkId, TaskId } from '@mesita/sdk/base';
import type { ReconcileTasksMessage } from '../../../wire/types/internal.ts';
import { type Context, warn } from '../context.ts';
import { addStream, streamKey } from '../state.ts';
import { deliverUpdate } from '../status-updates.ts';
import { createOwnUpdate, droppedState, findExecutorOfTask } from '../task.ts';

/** Tells the master the end of each task that it counts on and that never came, or is gone. */
export function reconcileTasks(context: Context, message: ReconcileTasksMessage): void {
  const { state } = context;
  const frameworkId = message.frameworkId.value as FrameworkId;
  const framework = state.frameworks.get(frameworkId);
  for (const { taskId: id } of message.statuses ?? []) {
    const taskId = id.value as TaskId;
    if (framework && findExecutorOfTask(framework, taskId)) continue;
    warn(context, 'task is unknown here', { frameworkId, taskId });
    const update = createOwnUpdate(context, {
      frameworkId,
      taskId,
      state: message.framework ? droppedState(message.framework) : 'TASK_LOST',
      message: 'Reconciliation: task unknown to the agent',
      reason: 'REASON_RECONCILIATION',
    });
    // The framework may be unknown too, so the update goes its way past the books.
    const key = streamKey(frameworkId, taskId);
    if (!state.streams.has(key)) addStream(state, { frameworkId, taskId, run: undefined });
    deliverUpdate(context, { key, update, isNew: true, run: undefined });
  }
}
