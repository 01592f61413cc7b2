import type { TaskState } from '@mesita/sdk/types';
import type { StatusUpdate } from '../../../wire/types/internal.ts';
import { uuidText } from '../../../wire/uuid.ts';
import { setLaunchedTask, setTerminatedTask } from '../books.ts';
import type { Context, runOf } from '../context.ts';
import { findExecutorOfTask } from '../task.ts';
import { pushPending, removeStream, type UpdateStream } from '../update-stream.ts';

const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 600_000;

/** The update is as durable as it gets: it may be forwarded, and its executor may forget it. */
export function deliverUpdate(
  context: Context,
  event: {
    readonly key: string;
    readonly update: StatusUpdate;
    readonly isNew: boolean;
    readonly run: ReturnType<typeof runOf> | undefined;
  },
): void {
  const stream = context.state.streams.get(event.key);
  if (stream && event.isNew) {
    pushPending(stream, event.update);
    if (stream.pending.length === 1) forwardFirst(context, stream);
  }
  acknowledgeExecutor(context, event.update, event.run);
}

export function acknowledgeExecutor(
  context: Context,
  update: StatusUpdate,
  run: ReturnType<typeof runOf> | undefined,
): void {
  if (!run) return;
  const executor = context.state.frameworks.get(run.frameworkId)?.executors.get(run.executorId);
  if (executor?.container !== run.container || !executor.connection) return;
  context.emit({
    type: 'sendExecutor',
    run,
    connection: executor.connection,
    event: {
      type: 'ACKNOWLEDGED',
      acknowledged: {
        taskId: update.status.taskId,
        uuid: update.uuid ?? new Uint8Array(),
      },
    },
  });
}

/** Sends the first pending update of a stream, now and again until it is acknowledged. */
export function forwardFirst(context: Context, stream: UpdateStream): void {
  const { state, config, emit } = context;
  const update = stream.pending[0];
  if (!update || state.life !== 'RUNNING' || !state.master) return;
  const latestState = noteForwarded(context, stream, update);
  emit({
    type: 'send',
    to: state.master.pid,
    message: {
      name: 'StatusUpdateMessage',
      body: { update: { ...update, ...(latestState && { latestState }) }, pid: config.pid },
    },
  });
  stream.retryMs = stream.retryMs === 0 ? RETRY_MIN_MS : Math.min(2 * stream.retryMs, RETRY_MAX_MS);
  const uuid = uuidText(update.uuid ?? new Uint8Array());
  emit({
    type: 'setTimer',
    id: `update/${stream.key}`,
    delayMs: stream.retryMs,
    then: { type: 'UpdateRetryDue', key: stream.key, uuid },
  });
}

/** Notes in the task which state the master was told, and answers its newest one. */
function noteForwarded(
  { state }: Context,
  stream: UpdateStream,
  update: StatusUpdate,
): TaskState | undefined {
  const framework = state.frameworks.get(stream.frameworkId);
  const executor = framework && findExecutorOfTask(framework, stream.taskId);
  const launched = executor?.launchedTasks.get(stream.taskId);
  const task = launched ?? executor?.terminatedTasks.get(stream.taskId);
  if (!executor || !task) return undefined;
  const noted = {
    ...task,
    statusUpdateState: update.status.state,
    ...(update.uuid && { statusUpdateUuid: update.uuid }),
  };
  if (launched) setLaunchedTask(executor, noted);
  else setTerminatedTask(executor, noted);
  return task.state;
}

/** Sends what waits, from the start of the back-off: the master is new, or asked for it. */
export function forwardAll(context: Context): void {
  for (const stream of context.state.streams.values()) {
    stream.retryMs = 0;
    forwardFirst(context, stream);
  }
}

/** Nobody is there to acknowledge: wait for the next registration. */
export function pauseForwarding({ state, emit }: Context): void {
  for (const { key, pending } of state.streams.values()) {
    if (pending.length > 0) emit({ type: 'cancelTimer', id: `update/${key}` });
  }
}

export function closeStream({ state, emit }: Context, stream: UpdateStream): void {
  emit({ type: 'cancelTimer', id: `update/${stream.key}` });
  removeStream(state, stream);
}
