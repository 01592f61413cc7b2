import type { ExecutorId, FrameworkId, StreamId } from '@mesita/sdk/base';
import type { TaskStatus } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { StatusUpdate } from '../../../wire/types/internal.ts';
import {
  type Context,
  type Found,
  findRun,
  type Handler,
  inform,
  runOf,
  warn,
} from '../context.ts';
import type { CallOrigin, EventOf } from '../events.ts';
import { shutdownExecutor } from '../executor-life.ts';
import { sendToExecutor } from '../executor-requests.ts';
import { agentIdOf, runRef } from '../run-ref.ts';
import type { Executor, ExecutorConnection } from '../state.ts';
import { acceptUpdate, sendOwnUpdate } from '../status-updates/accept.ts';
import { droppedState } from '../task.ts';
import { wasEverSentTask } from '../task-history.ts';
import { finishBuiltin, launchQueued } from './containers.ts';
import { finishRecoveryIfComplete } from './recovery.ts';

const HEARTBEAT_MS = 30 * 60_000;

export const executorCall: Handler<'ExecutorCall'> = (context, event) => {
  const { call, origin } = event;
  if (call.type === 'HEARTBEAT') {
    answer(context, origin, 202);
    return;
  }
  const isBuiltin = origin.kind === 'builtin';
  if (!isBuiltin && call.type !== 'SUBSCRIBE' && context.state.life === 'RECOVERING') {
    answer(context, origin, 503, 'Agent has not finished recovery');
    return;
  }
  const found = findCaller(context, event);
  if (!found) return;
  if (call.type === 'SUBSCRIBE') {
    subscribe(context, found, origin, call.subscribe ?? {});
    return;
  }
  if (!isBuiltin && found.executor.connection?.kind !== 'http') {
    answer(context, origin, 403, 'Executor is not subscribed');
    return;
  }
  performCall(context, found, event);
};

function performCall(context: Context, { executor }: Found, event: EventOf<'ExecutorCall'>): void {
  const { call, origin, status } = event;
  if (call.type === 'UPDATE' && call.update) {
    if (isExplainedByAgent(executor, call.update.status)) return;
    acceptUpdate(context, toUpdate(context, call, call.update), { executor, status });
    answer(context, origin, 202);
  } else if (call.type === 'MESSAGE' && call.message) {
    forwardMessage(context, executor, call.message.data);
    answer(context, origin, 202);
  } else {
    answer(context, origin, 501, '501 Not Implemented.');
  }
}

/**
 * The agent ends the container for a reason of its own, and will say so; its own executors only see
 * that what they run was killed.
 */
function isExplainedByAgent({ kind, ending }: Executor, { state }: TaskStatus): boolean {
  return kind !== 'CUSTOM' && ending !== undefined && state === 'TASK_FAILED';
}

function findCaller(
  context: Context,
  { call, origin }: EventOf<'ExecutorCall'>,
): Found | undefined {
  const framework = context.state.frameworks.get(call.frameworkId.value as FrameworkId);
  if (!framework) {
    answer(context, origin, 400, 'Framework cannot be found');
    return undefined;
  }
  const executor = framework.executors.get(call.executorId.value as ExecutorId);
  if (!executor || (origin.kind === 'builtin' && origin.container !== executor.container)) {
    answer(context, origin, 400, 'Executor cannot be found');
    return undefined;
  }
  const claims = origin.kind === 'http' ? origin.claims : undefined;
  const { fid, eid, cid } = claims ?? {};
  if (claims && (fid !== framework.id || eid !== executor.id || cid !== executor.container)) {
    answer(context, origin, 403, '403 Forbidden.');
    return undefined;
  }
  return { framework, executor };
}

function answer({ emit }: Context, origin: CallOrigin, status: number, body?: string): void {
  if (origin.kind === 'http') emit({ type: 'respond', request: origin.request, status, body });
}

function subscribe(
  context: Context,
  { framework, executor }: Found,
  origin: CallOrigin,
  { unacknowledgedTasks, unacknowledgedUpdates }: api.Call.Subscribe,
): void {
  const { state, emit } = context;
  const run = runOf(executor);
  inform(context, 'executor subscribes', run);
  const connection: ExecutorConnection =
    origin.kind === 'http' ? { kind: 'http', stream: origin.stream } : { kind: 'builtin' };
  if (origin.kind === 'http') {
    emit({ type: 'openStream', request: origin.request, run, stream: origin.stream });
  }
  const isEnding = executor.life === 'TERMINATING' || executor.life === 'TERMINATED';
  if (state.life === 'TERMINATING' || framework.life === 'TERMINATING' || isEnding) {
    emit({ type: 'sendExecutor', run, connection, event: { type: 'SHUTDOWN' } });
    if (origin.kind === 'http') emit({ type: 'closeStream', run, connection });
    finishBuiltin(context, executor);
    return;
  }
  connect(context, executor, connection);
  for (const update of unacknowledgedUpdates ?? []) {
    const call = { frameworkId: { value: framework.id }, executorId: { value: executor.id } };
    acceptUpdate(context, toUpdate(context, call, update), { executor, status: undefined });
  }
  if (executor.kind === 'CUSTOM') {
    dropUnknownTasks(context, { framework, executor }, unacknowledgedTasks ?? []);
  }
  greet(context, { framework, executor });
  // A container that vanished runs nothing: its tasks are not begun again just to fail.
  if (!executor.ended || executor.ended.termination) {
    relaunch(context, executor, unacknowledgedTasks ?? []);
  }
  finishBuiltin(context, executor);
  finishRecoveryIfComplete(context);
}

function connect(context: Context, executor: Executor, connection: ExecutorConnection): void {
  const { state, emit } = context;
  const run = runOf(executor);
  const earlier = executor.connection;
  if (earlier?.kind === 'http') emit({ type: 'closeStream', run, connection: earlier });
  executor.life = 'RUNNING';
  executor.awaited = false;
  executor.connection = connection;
  emit({ type: 'cancelTimer', id: `register/${executor.container}` });
  if (connection.kind === 'http') scheduleHeartbeat(context, executor, connection.stream);
  if (executor.checkpoint) {
    const record = { kind: 'subscribed', run: runRef(state, executor) } as const;
    emit({ type: 'checkpoint', records: [record] });
  }
}

/** Tasks that the agent sent just before it died, and that never arrived. */
function dropUnknownTasks(
  context: Context,
  { framework, executor }: Found,
  known: NonNullable<api.Call.Subscribe['unacknowledgedTasks']>,
): void {
  const ids = new Set(known.map(({ taskId }) => taskId.value));
  for (const [taskId, task] of [...executor.launchedTasks]) {
    if (task.state !== 'TASK_STAGING' || ids.has(taskId)) continue;
    sendOwnUpdate(context, {
      frameworkId: framework.id,
      taskId,
      executorId: executor.id,
      state: droppedState(framework.info),
      reason: 'REASON_AGENT_RESTARTED',
      message: 'Task launched during agent restart',
    });
  }
}

function greet(context: Context, { framework, executor }: Found): void {
  if (!wasEverSentTask(executor) && executor.queuedTasks.size === 0) {
    warn(context, 'shutting down executor that has nothing to run', runOf(executor));
    shutdownExecutor(context, executor);
    return;
  }
  sendToExecutor(context, executor, {
    type: 'SUBSCRIBED',
    subscribed: {
      executorInfo: executor.info,
      frameworkInfo: framework.info,
      agentInfo: context.state.info,
      containerId: { value: executor.container },
    },
  });
  launchQueued(context, executor);
}

/** The agent's own executors are made anew: what one forgot to note is told again. */
function relaunch(
  context: Context,
  executor: Executor,
  known: NonNullable<api.Call.Subscribe['unacknowledgedTasks']>,
): void {
  const { launches, launchedTasks } = executor;
  executor.launches = new Map();
  const ids = new Set(known.map(({ taskId }) => taskId.value));
  const unknown = [...launchedTasks.keys()].filter((id) => !ids.has(id));
  // The tasks of a group share one event.
  const events = new Set<string>();
  for (const id of unknown) {
    const event = launches.get(id);
    const group = event?.launchGroup?.taskGroup.tasks?.map(({ taskId }) => taskId.value).join('/');
    if (!event || (group !== undefined && events.has(group))) continue;
    if (group !== undefined) events.add(group);
    sendToExecutor(context, executor, event);
  }
}

function toUpdate(
  { state, now }: Context,
  call: Pick<api.Call, 'frameworkId' | 'executorId'>,
  { status }: api.Call.Update,
): StatusUpdate {
  const agentId = { value: agentIdOf(state) };
  const timestamp = status.timestamp ?? now / 1000;
  return {
    frameworkId: call.frameworkId,
    agentId,
    ...(status.executorId && { executorId: status.executorId }),
    status: { ...status, agentId, timestamp, source: 'SOURCE_EXECUTOR' },
    timestamp,
    ...(status.uuid && { uuid: status.uuid }),
  };
}

function forwardMessage(context: Context, executor: Executor, data: Uint8Array): void {
  const { state, emit } = context;
  const framework = state.frameworks.get(executor.frameworkId);
  if (state.life !== 'RUNNING' || framework?.life !== 'RUNNING' || !state.master) {
    warn(context, 'dropping message of executor', runOf(executor));
    state.counters.invalid_framework_messages++;
    return;
  }
  state.counters.valid_framework_messages++;
  emit({
    type: 'send',
    to: framework.pid ?? state.master.pid,
    message: {
      name: 'ExecutorToFrameworkMessage',
      body: {
        agentId: { value: agentIdOf(state) },
        frameworkId: { value: framework.id },
        executorId: { value: executor.id },
        data,
      },
    },
  });
}

export const executorStreamClosed: Handler<'ExecutorStreamClosed'> = (context, event) => {
  const executor = findRun(context, event.run)?.executor;
  const { connection } = executor ?? {};
  if (!executor || connection?.kind !== 'http' || connection.stream !== event.stream) return;
  // It may come back; its container's end is what ends it.
  inform(context, 'executor disconnected', event.run);
  executor.connection = undefined;
  context.emit({ type: 'cancelTimer', id: `heartbeat/${executor.container}` });
};

function scheduleHeartbeat({ emit }: Context, executor: Executor, stream: StreamId): void {
  emit({
    type: 'setTimer',
    id: `heartbeat/${executor.container}`,
    delayMs: HEARTBEAT_MS,
    then: { type: 'ExecutorHeartbeatDue', run: runOf(executor), stream },
  });
}

export const executorHeartbeatDue: Handler<'ExecutorHeartbeatDue'> = (context, event) => {
  const executor = findRun(context, event.run)?.executor;
  const { connection } = executor ?? {};
  if (!executor || connection?.kind !== 'http' || connection.stream !== event.stream) return;
  sendToExecutor(context, executor, { type: 'HEARTBEAT' });
  scheduleHeartbeat(context, executor, event.stream);
};
