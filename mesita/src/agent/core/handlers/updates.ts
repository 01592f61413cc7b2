import type { FrameworkId, TaskId } from '@mesita/sdk/base';
import { isTerminal } from '../../../wire/task-state.ts';
import { uuidText } from '../../../wire/uuid.ts';
import { completeTask } from '../books.ts';
import { type Context, type Handler, warn } from '../context.ts';
import { forgetIfDone } from '../executor-life.ts';
import { isFromMaster } from '../from-master.ts';
import type { UpdateStream } from '../state.ts';
import { closeStream, deliverUpdate, forwardFirst } from '../status-updates/deliver.ts';
import { findExecutorOfTask } from '../task.ts';
import { shiftPending, streamKey } from '../update-stream.ts';

export const updateCheckpointed: Handler<'UpdateCheckpointed'> = deliverUpdate;

export const updateRetryDue: Handler<'UpdateRetryDue'> = (context, { key, uuid }) => {
  const stream = context.state.streams.get(key);
  const first = stream?.pending[0]?.uuid;
  if (stream && first && uuidText(first) === uuid) forwardFirst(context, stream);
};

export const statusUpdateAcknowledged: Handler<'StatusUpdateAcknowledgementMessage'> = (
  context,
  event,
) => {
  const { state } = context;
  // A driver-based scheduler may acknowledge by itself; a master must be the right one.
  if (event.from.startsWith('master')) {
    if (!isFromMaster(context, event) || state.life !== 'RUNNING') return;
  }
  const { frameworkId, taskId, uuid } = event.message;
  const key = streamKey(frameworkId.value as FrameworkId, taskId.value as TaskId);
  const stream = state.streams.get(key);
  const first = stream?.pending[0];
  if (!stream || !first?.uuid || uuidText(first.uuid) !== uuidText(uuid)) {
    warn(context, 'ignoring unexpected acknowledgement', { key, uuid: uuidText(uuid) });
    return;
  }
  shiftPending(stream);
  stream.retryMs = 0;
  if (stream.run) {
    const record = { type: 'ACK', uuid } as const;
    const kept = { kind: 'update', run: stream.run, taskId: stream.taskId, record } as const;
    context.emit({ type: 'checkpoint', records: [kept] });
  }
  context.emit({ type: 'cancelTimer', id: `update/${key}` });
  const isEnd = isTerminal(first.status.state);
  // Behind the end of a task may come that of a second one of the same id, which was refused.
  const isLast = isEnd || !isInBooks(context, stream);
  if (isLast && stream.pending.length === 0) closeStream(context, stream);
  else forwardFirst(context, stream);
  if (isEnd) finishTask(context, stream);
};

function isInBooks({ state }: Context, { frameworkId, taskId }: UpdateStream): boolean {
  const framework = state.frameworks.get(frameworkId);
  return framework !== undefined && findExecutorOfTask(framework, taskId) !== undefined;
}

/** Its scheduler knows how the task ended: nobody waits for it any more. */
function finishTask(context: Context, { frameworkId, taskId }: UpdateStream): void {
  const framework = context.state.frameworks.get(frameworkId);
  const executor = framework && findExecutorOfTask(framework, taskId);
  if (!framework || !executor) return;
  completeTask(executor, taskId);
  forgetIfDone(context, framework, executor);
}
