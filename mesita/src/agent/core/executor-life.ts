import type { ExecutorId, FrameworkId } from '@mesita/sdk/base';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import {
  completeExecutor,
  completeFramework,
  noteExit,
  setTerminatedTask,
  takeExits,
} from './books.ts';
import { type Context, inform, runOf } from './context.ts';
import { sendToExecutor } from './executor-requests.ts';
import { agentIdOf, keepAgent, runRef } from './run-ref.ts';
import type { Ending, Executor, Framework } from './state.ts';
import { sendOwnUpdate } from './status-updates/accept.ts';
import { closeStream } from './status-updates/deliver.ts';

/** Asks an executor to end itself and its tasks; its container goes when the grace is over. */
export function shutdownExecutor(context: Context, executor: Executor): void {
  const { config, emit } = context;
  inform(context, 'shutting down executor', { executorId: executor.id });
  executor.life = 'TERMINATING';
  // Without a container yet, the launch finds it terminating and ends there.
  if (!executor.hasContainer) return;
  if (executor.kind !== 'CUSTOM' && !executor.connection) {
    // Nobody is there to be asked.
    emit({ type: 'destroyContainer', container: executor.container });
    return;
  }
  sendToExecutor(context, executor, { type: 'SHUTDOWN' });
  const grace = executor.info.shutdownGracePeriod?.nanoseconds;
  emit({
    type: 'setTimer',
    id: `grace/${executor.container}`,
    delayMs: grace === undefined ? config.executorShutdownGraceMs : Number(grace) / 1e6,
    then: { type: 'ShutdownGraceExpired', run: runOf(executor) },
  });
}

/** Ends an executor's container at once, for a reason its tasks' owner is told. */
export function destroyExecutor(context: Context, executor: Executor, ending: Ending): void {
  executor.life = 'TERMINATING';
  executor.ending = ending;
  context.emit({ type: 'destroyContainer', container: executor.container });
}

/** The container is no more: the tasks it took along get their last state. */
export function endExecutor(
  context: Context,
  framework: Framework,
  executor: Executor,
  termination: ContainerTermination | undefined,
): void {
  const { state, emit } = context;
  inform(context, 'executor terminated', {
    executorId: executor.id,
    frameworkId: framework.id,
    status: termination?.status,
  });
  state.counters.executors_terminated++;
  executor.life = 'TERMINATED';
  executor.awaited = false;
  for (const kind of ['grace', 'register', 'heartbeat']) {
    emit({ type: 'cancelTimer', id: `${kind}/${executor.container}` });
  }
  if (executor.connection) {
    emit({ type: 'closeStream', run: runOf(executor), connection: executor.connection });
    executor.connection = undefined;
  }
  if (executor.kind !== 'COMMAND') {
    sendExited(context, framework, executor.id, termination?.status ?? -1);
  }
  const left = [...executor.launchedTasks.keys(), ...executor.queuedTasks.keys()];
  if (framework.life === 'RUNNING') {
    for (const taskId of left) {
      sendOwnUpdate(context, {
        frameworkId: framework.id,
        taskId,
        executorId: executor.id,
        ...explainEnd(executor, termination),
      });
    }
  } else {
    for (const task of executor.launchedTasks.values()) setTerminatedTask(executor, task);
  }
  if (executor.checkpoint) emit({ type: 'forgetContainer', container: executor.container });
  forgetIfDone(context, framework, executor);
}

function explainEnd(
  { ending }: Executor,
  termination: ContainerTermination | undefined,
): Ending & {
  readonly limitation?: { readonly resources: ContainerTermination['limitedResources'] };
} {
  const messages = [
    ...(ending ? [ending.message] : []),
    ...(termination ? [] : ['Abnormal executor termination: unknown container']),
    ...(termination?.message === undefined ? [] : [termination.message]),
  ];
  const limited = termination?.limitedResources;
  return {
    state: termination?.state ?? ending?.state ?? 'TASK_FAILED',
    reason: termination?.reason ?? ending?.reason ?? 'REASON_EXECUTOR_TERMINATED',
    message: messages.length > 0 ? messages.join('; ') : 'Executor terminated',
    ...(limited && limited.length > 0 && { limitation: { resources: limited } }),
  };
}

/** Tells the master that an executor it counts on is not there (any more). */
export function sendExited(
  { state, emit }: Context,
  framework: Pick<Framework, 'id'>,
  executorId: string,
  status: number,
): void {
  if (!state.master) return;
  const body = {
    agentId: { value: agentIdOf(state) },
    frameworkId: { value: framework.id },
    executorId: { value: executorId },
    status,
  };
  // The registration under way may have left with this executor still alive in it.
  if (state.life === 'DISCONNECTED') noteExit(state, body);
  emit({ type: 'send', to: state.master.pid, message: { name: 'ExitedExecutorMessage', body } });
}

/** Once registered, what ended meanwhile is said again; a master that knows it passes over it. */
export function repeatExits({ state, emit }: Context): void {
  for (const body of takeExits(state)) {
    const framework = state.frameworks.get(body.frameworkId.value as FrameworkId);
    const successor = framework?.executors.get(body.executorId.value as ExecutorId);
    if (!state.master || (successor && successor.life !== 'TERMINATED')) continue;
    emit({ type: 'send', to: state.master.pid, message: { name: 'ExitedExecutorMessage', body } });
  }
}

/** Lets go of an ended executor that owes nothing, and of its framework when it was the last. */
export function forgetIfDone(context: Context, framework: Framework, executor: Executor): void {
  const { state, config, emit } = context;
  const isOwing =
    executor.queuedTasks.size + executor.launchedTasks.size + executor.terminatedTasks.size > 0;
  const isEnding = state.life === 'TERMINATING' || framework.life === 'TERMINATING';
  if (executor.life === 'TERMINATED' && (!isOwing || isEnding)) {
    const run = runRef(state, executor);
    if (executor.checkpoint) emit({ type: 'checkpoint', records: [{ kind: 'completed', run }] });
    emit({
      type: 'scheduleGc',
      target: { kind: 'run', run },
      fresh: true,
      delayMs: config.gcDelayMs,
    });
    if (config.hookedAt?.has('agentRemoveExecutor')) {
      emit({ type: 'executorRemoved', framework: framework.info, executor: executor.info });
    }
    completeExecutor(framework, executor, config.maxCompletedExecutors);
  }
  forgetFrameworkIfIdle(context, framework);
}

export function forgetFrameworkIfIdle(context: Context, framework: Framework): void {
  const { state, emit } = context;
  if (framework.executors.size > 0 || !state.frameworks.has(framework.id)) return;
  if (framework.life === 'TERMINATING') {
    for (const stream of [...state.streams.values()]) {
      if (stream.frameworkId === framework.id) closeStream(context, stream);
    }
  }
  completeFramework(state, framework);
  inform(context, 'framework has nothing left here', { frameworkId: framework.id });
  if (state.frameworks.size > 0) return;
  if (state.drain) {
    inform(context, 'agent is drained');
    state.drain = undefined;
    keepAgent(context);
  }
  if (state.life === 'TERMINATING') emit({ type: 'exit', status: 0 });
}
