import type { FrameworkId, TaskId } from '@mesita/sdk/base';
import type { StatusUpdate } from '../../../wire/types/internal.ts';
import { uuidText } from '../../../wire/uuid.ts';
import { type Context, runOf, warn } from '../context.ts';
import type { Executor } from '../framework.ts';
import { runRef } from '../run-ref.ts';
import { createOwnUpdate, findExecutorOfTask, type OwnUpdate, taskIdOf } from '../task.ts';
import { addStream, noteReceived, streamKey, type UpdateStream } from '../update-stream.ts';
import {
  changeTask,
  type UpdateOrigin,
  withContainerStatus,
  withDrainReason,
} from './change-task.ts';
import { acknowledgeExecutor } from './deliver.ts';
import { keepUpdate, repeat } from './keep.ts';

/** Sends an update of the agent's own about a task. */
export function sendOwnUpdate(context: Context, facts: OwnUpdate): void {
  acceptUpdate(context, createOwnUpdate(context, facts), undefined);
}

/** The same about a task that never came into the books: nothing changes here, it is only told. */
export function sendUnbooked(context: Context, facts: OwnUpdate): void {
  const { state } = context;
  const { frameworkId, taskId } = facts;
  const update = createOwnUpdate(context, facts);
  const key = streamKey(frameworkId, taskId);
  const stream = state.streams.get(key);
  keepUpdate(
    context,
    stream ?? addStream(state, { frameworkId, taskId, run: undefined }),
    update,
    undefined,
  );
}

/**
 * Takes an update in: the task changes at once, then the update is made durable, forwarded when it
 * is its turn, and only then acknowledged to the executor.
 */
export function acceptUpdate(
  context: Context,
  sent: StatusUpdate,
  origin: UpdateOrigin | undefined,
): void {
  const { state } = context;
  const frameworkId = sent.frameworkId.value as FrameworkId;
  const taskId = sent.status.taskId.value as TaskId;
  const framework = state.frameworks.get(frameworkId);
  if (framework?.life !== 'RUNNING') {
    // A framework that is being torn down cannot acknowledge.
    warn(context, 'ignoring status update of a framework that is gone', { frameworkId, taskId });
    state.counters.invalid_status_updates++;
    return;
  }
  state.counters.valid_status_updates++;
  const executor = findExecutorOfTask(framework, taskId);
  const run = origin && runOf(origin.executor);
  const key = streamKey(frameworkId, taskId);
  const known = state.streams.get(key);
  if (known?.received.has(uuidText(sent.uuid ?? new Uint8Array()))) {
    // It may not be durable yet, so even the answer to a repetition waits its turn.
    repeat(context, { key, update: sent, run });
    return;
  }
  if (origin && wasCompleted(origin.executor, taskId)) {
    // The executor missed the answer: its scheduler has acknowledged the end already.
    acknowledgeExecutor(context, sent, run);
    return;
  }
  const drained = withDrainReason(context, framework, sent);
  const update = executor && origin ? withContainerStatus(context, drained, origin) : drained;
  if (executor && !changeTask(context, framework, executor, update)) {
    acknowledgeExecutor(context, update, run);
    return;
  }
  const stream =
    known ?? addStream(state, { frameworkId, taskId, run: runToKeep(context, executor) });
  noteReceived(stream, uuidText(update.uuid ?? new Uint8Array()));
  keepUpdate(context, stream, update, run);
}

function wasCompleted({ completedTasks }: Executor, id: TaskId): boolean {
  return completedTasks.some((task) => taskIdOf(task) === id);
}

function runToKeep(context: Context, executor: Executor | undefined): UpdateStream['run'] {
  return executor?.checkpoint ? runRef(context.state, executor) : undefined;
}
