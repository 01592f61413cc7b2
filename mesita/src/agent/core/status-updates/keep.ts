import type { TaskStatus } from '@mesita/sdk/types';
import type { StatusUpdate } from '../../../wire/types/internal.ts';
import { uuidText } from '../../../wire/uuid.ts';
import { setLaunchedTask, setTerminatedTask } from '../books.ts';
import type { Context, Handler, runOf } from '../context.ts';
import type { EventOf } from '../events.ts';
import { findExecutorOfTask } from '../task.ts';
import type { UpdateStream } from '../update-stream.ts';
import { deliverUpdate } from './deliver.ts';

export function keepUpdate(
  context: Context,
  stream: UpdateStream,
  update: StatusUpdate,
  run: ReturnType<typeof runOf> | undefined,
): void {
  if (!decoratesUpdates(context)) {
    storeUpdate(context, stream, update, run);
    return;
  }
  const then = { type: 'UpdateDecorated', key: stream.key, update, isNew: true, run } as const;
  context.emit({ type: 'decorateUpdate', then });
}

type Repeated = Pick<EventOf<'UpdateDecorated'>, 'key' | 'update' | 'run'>;

/** One that came before. It may not be durable yet, so even the answer to it waits its turn. */
export function repeat(context: Context, repeated: Repeated): void {
  if (!decoratesUpdates(context)) {
    repeatUpdate(context, repeated);
    return;
  }
  const then = { type: 'UpdateDecorated', ...repeated, isNew: false } as const;
  context.emit({ type: 'decorateUpdate', then });
}

function decoratesUpdates({ config }: Context): boolean {
  return config.hookedAt?.has('agentTaskStatusDecorator') ?? false;
}

/** Goes on with an update once hooks have had their say. */
export const updateDecorated: Handler<'UpdateDecorated'> = (context, event) => {
  const { key, update, isNew, run } = event;
  const stream = context.state.streams.get(key);
  // Its framework is gone, and with it whoever would acknowledge.
  if (!stream) return;
  if (!isNew) {
    repeatUpdate(context, event);
    return;
  }
  noteDecorated(context, stream, update);
  storeUpdate(context, stream, update, run);
};

/** The books took the update before the hooks saw it. */
function noteDecorated({ state }: Context, stream: UpdateStream, { status }: StatusUpdate): void {
  const framework = state.frameworks.get(stream.frameworkId);
  const executor = framework && findExecutorOfTask(framework, stream.taskId);
  const launched = executor?.launchedTasks.get(stream.taskId);
  const task = launched ?? executor?.terminatedTasks.get(stream.taskId);
  if (!executor || !task) return;
  const { data: _, ...kept } = status;
  const statuses = task.statuses?.map((known) => (isSameUpdate(known, status) ? kept : known));
  const noted = { ...task, ...(statuses && { statuses }) };
  if (launched) setLaunchedTask(executor, noted);
  else setTerminatedTask(executor, noted);
}

function isSameUpdate({ uuid: a }: TaskStatus, { uuid: b }: TaskStatus): boolean {
  return a !== undefined && b !== undefined && uuidText(a) === uuidText(b);
}

function repeatUpdate(context: Context, { key, update, run }: Repeated): void {
  const then = { type: 'UpdateCheckpointed', key, update, isNew: false, run } as const;
  context.emit({ type: 'checkpoint', records: [], then });
}

function storeUpdate(
  context: Context,
  stream: UpdateStream,
  update: StatusUpdate,
  run: ReturnType<typeof runOf> | undefined,
): void {
  const { key, taskId } = stream;
  const then = { type: 'UpdateCheckpointed', key, update, isNew: true, run } as const;
  if (!stream.run) {
    deliverUpdate(context, then);
    return;
  }
  const record = { type: 'UPDATE', update } as const;
  context.emit({
    type: 'checkpoint',
    records: [{ kind: 'update', run: stream.run, taskId, record }],
    then,
  });
}
