import type { FrameworkId, TaskId } from '@mesita/sdk/base';
import type { ContainerStatus, TaskState, TaskStatus } from '@mesita/sdk/types';
import { isTerminal } from '../../wire/task-state.ts';
import type { StatusUpdate } from '../../wire/types/internal.ts';
import { uuidText } from '../../wire/uuid.ts';
import { type Context, type Handler, inform, runOf, warn } from './context.ts';
import type { EventOf } from './events.ts';
import { updateContainer } from './executor-requests.ts';
import { runRef } from './run-ref.ts';
import {
  addStream,
  dequeueTask,
  type Executor,
  type Framework,
  noteReceived,
  pushPending,
  removeStream,
  setLaunchedTask,
  setTerminatedTask,
  streamKey,
  taskIdOf,
  type UpdateStream,
} from './state.ts';
import {
  createOwnUpdate,
  createTask,
  findExecutorOfTask,
  isPartitionAware,
  mergeContainerStatus,
  type OwnUpdate,
  withStatus,
} from './task.ts';

const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 600_000;

/** Who sent an update, and what is known of the container it speaks of. */
interface UpdateOrigin {
  readonly executor: Executor;
  readonly status: ContainerStatus | undefined;
}

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
    const repeated = { key, update: sent, isNew: false, run } as const;
    if (decoratesUpdates(context)) {
      context.emit({ type: 'decorateUpdate', then: { type: 'UpdateDecorated', ...repeated } });
    } else repeatUpdate(context, repeated);
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

function decoratesUpdates({ config }: Context): boolean {
  return config.hookedAt?.has('agentTaskStatusDecorator') ?? false;
}

function keepUpdate(
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

type Repeated = Pick<EventOf<'UpdateDecorated'>, 'key' | 'update' | 'run'>;

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

function acknowledgeExecutor(
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

function withDrainReason(
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

function withContainerStatus(
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
function changeTask(
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
