import { formatDuration, type TaskId } from '@mesita/sdk/base';
import type { ContainerInfo, ExecutorInfo, Resource, TaskInfo } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { dequeueTask, setLaunchedTask } from '../books.ts';
import type { AgentConfig } from '../config.ts';
import { type Context, findRun, type Handler, inform, runOf, warn } from '../context.ts';
import { executorEnvironment } from '../environment.ts';
import { defaultExecutorCommand } from '../executor-info.ts';
import { destroyExecutor, endExecutor, forgetIfDone, sendExited } from '../executor-life.ts';
import { sendToExecutor, updateContainer } from '../executor-requests.ts';
import { containerLimits } from '../resources.ts';
import { agentIdOf, runRef } from '../run-ref.ts';
import { latestPath, virtualPath } from '../sandbox.ts';
import type { Executor, Framework } from '../state.ts';
import { createTask, goneState, taskIdOf } from '../task.ts';
import { dropQueued } from './launch.ts';
import { finishRecoveryIfComplete } from './recovery.ts';

export const directoryCreated: Handler<'DirectoryCreated'> = (context, { run, result }) => {
  const found = findRun(context, run);
  if (!found) return;
  const { framework, executor } = found;
  if (!result.ok) {
    warn(context, 'cannot create the sandbox', { ...run, error: result.error });
    dropQueued(context, framework, executor, result.error);
    if (executor.kind !== 'COMMAND') sendExited(context, framework, executor.id, -1);
    executor.life = 'TERMINATED';
    forgetIfDone(context, framework, executor);
    return;
  }
  attachSandbox(context, framework, executor);
  launchQueued(context, executor);
};

export function attachSandbox(
  { state, config, emit }: Context,
  { info: frameworkInfo }: Framework,
  executor: Executor,
): void {
  const executorInfo = executor.info;
  const path = executor.directory;
  const latest = latestPath(config.workDir, runRef(state, executor));
  const virtual = virtualPath(executor.frameworkId, executor.id);
  for (const name of [path, latest, virtual]) {
    emit({ type: 'attachFiles', path, virtual: name, frameworkInfo, executorInfo });
  }
}

/** Goes on with what is queued, as soon as the records of it are durable. */
export function launchQueued(context: Context, executor: Executor): void {
  const then = { type: 'LaunchCheckpointed', run: runOf(executor) } as const;
  if (executor.checkpoint) context.emit({ type: 'checkpoint', records: [], then });
  else launchCheckpointed(context, then);
}

export const launchCheckpointed: Handler<'LaunchCheckpointed'> = (context, { run }) => {
  const found = findRun(context, run);
  if (!found) return;
  const { framework, executor } = found;
  if (executor.life === 'TERMINATED') return;
  if (executor.hasContainer) {
    if (executor.life !== 'RUNNING') return;
    updateContainer(context, executor, [...executor.queuedTasks.keys()]);
  } else if (executor.life !== 'TERMINATING') {
    launchContainer(context, framework, executor);
  } else {
    endExecutor(context, framework, executor, {
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: 'Executor terminating',
    });
  }
};

function launchContainer(context: Context, framework: Framework, executor: Executor): void {
  const { state, config, emit } = context;
  inform(context, 'launching container', runOf(executor));
  executor.hasContainer = true;
  emit({
    type: 'launchContainer',
    run: runOf(executor),
    config: containerConfig(config, executor),
    environment: executorEnvironment(config, agentIdOf(state), framework.info, executor),
    checkpoint: executor.checkpoint ? runRef(state, executor) : undefined,
  });
  emit({
    type: 'setTimer',
    id: `register/${executor.container}`,
    delayMs: config.executorRegistrationTimeoutMs,
    then: { type: 'ExecutorRegistrationTimedOut', run: runOf(executor) },
  });
}

function containerConfig(config: AgentConfig, executor: Executor): ContainerConfig {
  const { info, kind, user, directory } = executor;
  const tasks = [...executor.queuedTasks.values()];
  // The container starts with what its first tasks need too: executors' own shares are tiny.
  const resources: readonly Resource[] = [
    ...(info.resources ?? []),
    ...tasks.flatMap((task) => task.resources ?? []),
  ];
  const limits = containerLimits(info.resources ?? [], tasks);
  const [task] = tasks;
  const container: ContainerInfo | undefined = info.container ?? config.defaultContainerInfo;
  const executorInfo: ExecutorInfo = {
    ...info,
    resources,
    ...(container && { container }),
  };
  return {
    directory,
    executorInfo,
    resources,
    commandInfo: commandOf(config, executor, task),
    ...(user !== undefined && { user }),
    ...(kind === 'COMMAND' && task && { taskInfo: task }),
    ...(container && { containerInfo: container }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

/** A built-in executor is no process: the container of a command task runs its command itself. */
function commandOf(
  config: AgentConfig,
  { info, kind, user }: Executor,
  task: TaskInfo | undefined,
) {
  if (kind === 'DEFAULT') return defaultExecutorCommand(config, user);
  return (kind === 'COMMAND' ? task?.command : info.command) ?? {};
}

export const containerLaunched: Handler<'ContainerLaunched'> = (context, { run, result }) => {
  const found = findRun(context, run);
  if (!found) {
    if (!result.ok) return;
    context.emit({ type: 'destroyContainer', container: run.container });
    context.emit({ type: 'forgetContainer', container: run.container });
    return;
  }
  const { framework, executor } = found;
  if (!result.ok) {
    warn(context, 'container failed to start', { ...run, error: result.error });
    context.state.counters.container_launch_errors++;
    executor.ending ??= {
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: `Failed to launch container: ${result.error}`,
    };
    endExecutor(context, framework, executor, {});
    return;
  }
  executor.status = result.value;
  startBuiltin(context, framework, executor);
  context.emit({ type: 'watchContainer', run });
  if (executor.life === 'TERMINATING') {
    context.emit({ type: 'destroyContainer', container: executor.container });
  }
};

/** The agent's own executors exist from the moment their container does. */
export function startBuiltin(context: Context, framework: Framework, executor: Executor): void {
  const { kind, info, directory, checkpoint } = executor;
  if (kind === 'CUSTOM') return;
  const run = runOf(executor);
  context.emit({
    type: 'startBuiltinExecutor',
    run,
    framework: framework.info,
    executor: info,
    kind,
    directory,
    checkpoint: checkpoint ? runRef(context.state, executor) : undefined,
  });
}

export const containerTerminated: Handler<'ContainerTerminated'> = (context, event) => {
  const found = findRun(context, event.run);
  if (!found) return;
  const { framework, executor } = found;
  if (executor.life === 'TERMINATED') return;
  if (executor.kind === 'CUSTOM') {
    endExecutor(context, framework, executor, event.termination);
    finishRecoveryIfComplete(context);
    return;
  }
  executor.ended = { termination: event.termination };
  // One that has not subscribed yet is told when it does: it knows nothing of its tasks before.
  if (executor.connection || executor.life === 'TERMINATING') finishBuiltin(context, executor);
};

/** A container may end before its tasks were handed over: its executor needs them to report it. */
export function finishBuiltin(context: Context, executor: Executor): void {
  const { ended } = executor;
  if (!ended) return;
  executor.ended = undefined;
  if (executor.life === 'RUNNING') {
    deliverTasks(context, executor, new Set(executor.queuedTasks.keys()));
  }
  context.emit({
    type: 'finishBuiltinExecutor',
    run: runOf(executor),
    termination: ended.termination,
  });
}

export const builtinExecutorFinished: Handler<'BuiltinExecutorFinished'> = (context, event) => {
  const found = findRun(context, event.run);
  if (!found || found.executor.life === 'TERMINATED') return;
  endExecutor(context, found.framework, found.executor, event.termination);
  finishRecoveryIfComplete(context);
};

export const containerUpdated: Handler<'ContainerUpdated'> = (context, { run, tasks, result }) => {
  const found = findRun(context, run);
  if (!found) return;
  const { framework, executor } = found;
  if (executor.life !== 'RUNNING') return;
  if (!result.ok) {
    warn(context, 'cannot update container', { ...run, error: result.error });
    destroyExecutor(context, executor, {
      state: goneState(framework.info),
      reason: 'REASON_CONTAINER_UPDATE_FAILED',
      message: `Failed to update resources for container: ${result.error}`,
    });
    return;
  }
  if (framework.life === 'RUNNING') deliverTasks(context, executor, new Set(tasks));
};

/** Hands the queued ones among `ids` to their executor, groups as groups. */
function deliverTasks(context: Context, executor: Executor, ids: ReadonlySet<TaskId>): void {
  for (const group of [...executor.queuedGroups]) {
    const members = group.tasks ?? [];
    if (!members.some((task) => ids.has(taskIdOf(task)))) continue;
    for (const task of members) moveToLaunched(executor, task);
    sendToExecutor(context, executor, { type: 'LAUNCH_GROUP', launchGroup: { taskGroup: group } });
  }
  for (const [id, task] of [...executor.queuedTasks]) {
    if (!ids.has(id)) continue;
    moveToLaunched(executor, task);
    sendToExecutor(context, executor, { type: 'LAUNCH', launch: { task } });
  }
}

function moveToLaunched(executor: Executor, task: TaskInfo): void {
  dequeueTask(executor, taskIdOf(task));
  setLaunchedTask(executor, createTask(task, 'TASK_STAGING', executor.frameworkId));
}

export const executorRegistrationTimedOut: Handler<'ExecutorRegistrationTimedOut'> = (
  context,
  { run },
) => {
  const found = findRun(context, run);
  if (found?.framework.life !== 'RUNNING' || found.executor.life !== 'REGISTERING') return;
  destroyExecutor(context, found.executor, {
    state: 'TASK_FAILED',
    reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
    message: `Executor did not register within ${formatDuration(context.config.executorRegistrationTimeoutMs)}`,
  });
};

export const shutdownGraceExpired: Handler<'ShutdownGraceExpired'> = (context, { run }) => {
  const executor = findRun(context, run)?.executor;
  if (executor?.life !== 'TERMINATING') return;
  inform(context, 'killing executor that did not end itself', run);
  context.emit({ type: 'destroyContainer', container: run.container });
};
