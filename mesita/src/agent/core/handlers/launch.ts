import type { ContainerIdText, ExecutorId, FrameworkId, Pid, TaskId } from '@mesita/sdk/base';
import type {
  ExecutorInfo,
  FrameworkInfo,
  TaskGroupInfo,
  TaskInfo,
  TaskStatus,
} from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { ResourceVersionUUID } from '../../../wire/types/internal.ts';
import { uuidText } from '../../../wire/uuid.ts';
import { addExecutor, addFramework, queueGroup, queueTasks } from '../books.ts';
import { type Context, type Handler, inform, runOf, warn } from '../context.ts';
import { commandExecutorInfo } from '../executor-info.ts';
import { forgetFrameworkIfIdle, sendExited, shutdownExecutor } from '../executor-life.ts';
import { frameworkIdOf } from '../framework.ts';
import { isFromMaster } from '../from-master.ts';
import { runRef } from '../run-ref.ts';
import { runPath } from '../sandbox.ts';
import type { Executor, ExecutorKind, Framework } from '../state.ts';
import { sendOwnUpdate, sendUnbooked } from '../status-updates/accept.ts';
import { createTask, droppedState, findExecutorOfTask, taskIdOf } from '../task.ts';
import { launchQueued } from './containers.ts';
import { keepFramework, pidOf } from './frameworks.ts';

/** One assignment of the master: a task, or a group of tasks that live and die together. */
interface Assignment {
  readonly framework: FrameworkInfo;
  readonly pid: Pid | undefined;
  readonly executor: ExecutorInfo;
  readonly kind: ExecutorKind;
  readonly tasks: readonly TaskInfo[];
  readonly group: TaskGroupInfo | undefined;
  readonly versions: readonly ResourceVersionUUID[];
  /** Whether the master counts on a new executor; absent from masters that do not say. */
  readonly launchExecutor: boolean | undefined;
}

interface Refusal {
  readonly reason: TaskStatus.Reason;
  readonly message: string;
  /** The master must be told that no executor came of it. */
  readonly exited: boolean;
}

export const runTask: Handler<'RunTaskMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  const { framework, task, pid, resourceVersionUuids, launchExecutor } = event.message;
  const { executor } = task;
  runTasks(context, {
    framework,
    pid: pidOf(pid),
    executor: executor
      ? { ...executor, frameworkId: framework.id }
      : commandExecutorInfo(context.config, framework, task),
    kind: executor ? kindOf(executor) : 'COMMAND',
    tasks: [task],
    group: undefined,
    versions: resourceVersionUuids ?? [],
    launchExecutor,
  });
};

export const runTaskGroup: Handler<'RunTaskGroupMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  const { framework, executor, taskGroup, resourceVersionUuids, launchExecutor } = event.message;
  runTasks(context, {
    framework,
    pid: undefined,
    executor: { ...executor, frameworkId: framework.id },
    kind: kindOf(executor),
    tasks: taskGroup.tasks ?? [],
    group: taskGroup,
    versions: resourceVersionUuids ?? [],
    launchExecutor,
  });
};

function kindOf({ type }: ExecutorInfo): ExecutorKind {
  return type === 'DEFAULT' ? 'DEFAULT' : 'CUSTOM';
}

function runTasks(context: Context, assignment: Assignment): void {
  const { state } = context;
  const { tasks } = assignment;
  const frameworkId = frameworkIdOf(assignment.framework);
  const fields = { frameworkId, tasks: tasks.map(taskIdOf) };
  if (tasks.some((task) => task.agentId.value !== state.info.id?.value)) {
    warn(context, 'ignoring tasks meant for another agent', fields);
    return;
  }
  if (state.life === 'RECOVERING' || state.life === 'TERMINATING') {
    warn(context, 'ignoring tasks while recovering or ending', fields);
    return;
  }
  inform(context, 'got assigned tasks', fields);
  const framework = state.frameworks.get(frameworkId) ?? admitFramework(context, assignment);
  const executorId = assignment.executor.executorId.value as ExecutorId;
  if (framework.life === 'TERMINATING') {
    warn(context, 'ignoring tasks of a framework that is being shut down', fields);
    if (assignment.launchExecutor && assignment.kind !== 'COMMAND') {
      sendExited(context, framework, executorId, -1);
    }
    return;
  }
  const refusal = refuseTasks(context, framework, assignment);
  if (refusal) {
    dropTasks(context, framework, assignment, refusal);
    return;
  }
  const existing = framework.executors.get(executorId);
  enqueue(context, existing ?? createExecutor(context, framework, assignment), assignment);
}

function admitFramework(context: Context, { framework: info, pid }: Assignment): Framework {
  const framework = addFramework(context.state, info, pid);
  keepFramework(context, framework);
  return framework;
}

function refuseTasks(
  context: Context,
  framework: Framework,
  assignment: Assignment,
): Refusal | undefined {
  const { state } = context;
  // The master keeps no account of command executors.
  const exited = assignment.launchExecutor === true && assignment.kind !== 'COMMAND';
  if (state.drain) {
    const message = 'Task was received while agent was already draining';
    return { reason: 'REASON_AGENT_DRAINING', message, exited };
  }
  const version = assignment.versions.find((known) => !known.resourceProviderId)?.uuid.value;
  if (version && uuidText(version) !== uuidText(state.resourceVersion)) {
    const message = 'Task assumes outdated resource state';
    return { reason: 'REASON_INVALID_OFFERS', message, exited };
  }
  const known = assignment.tasks.find((task) => findExecutorOfTask(framework, taskIdOf(task)));
  if (known) {
    const message = `Task has duplicate ID: ${taskIdOf(known)}`;
    return { reason: 'REASON_TASK_INVALID', message, exited };
  }
  const executor = framework.executors.get(assignment.executor.executorId.value as ExecutorId);
  return executor
    ? refuseExisting(context, executor, assignment)
    : refuseMissing(assignment.launchExecutor);
}

function refuseExisting(
  context: Context,
  executor: Executor,
  { kind, launchExecutor }: Assignment,
): Refusal | undefined {
  if (kind === 'COMMAND') {
    const message = 'Cannot reuse an already existing executor for a command task';
    return { reason: 'REASON_TASK_INVALID', message, exited: false };
  }
  const isOver = executor.life === 'TERMINATED';
  if (launchExecutor) {
    // The master knows nothing of this one: it must not linger.
    if (executor.life === 'REGISTERING' || executor.life === 'RUNNING') {
      shutdownExecutor(context, executor);
    }
    const message = 'Master wants to launch executor, but one already exists';
    return { reason: 'REASON_EXECUTOR_TERMINATED', message, exited: isOver };
  }
  if (!isOver && executor.life !== 'TERMINATING') return undefined;
  const message = `Executor ${isOver ? 'terminated' : 'terminating'}`;
  return { reason: 'REASON_EXECUTOR_TERMINATED', message, exited: false };
}

function refuseMissing(launchExecutor: boolean | undefined): Refusal | undefined {
  if (launchExecutor !== false) return undefined;
  const message = 'No executor is expected to launch and there is none running';
  return { reason: 'REASON_EXECUTOR_TERMINATED', message, exited: false };
}

function dropTasks(
  context: Context,
  framework: Framework,
  { tasks, executor }: Assignment,
  { reason, message, exited }: Refusal,
): void {
  const executorId = executor.executorId.value;
  for (const taskId of tasks.map(taskIdOf)) {
    if (isAlive(framework, taskId)) {
      // What ends here is the second of two tasks of one name: the first one goes on.
      warn(context, 'dropping task whose id is in use', { taskId, message });
      continue;
    }
    sendUnbooked(context, {
      frameworkId: framework.id,
      taskId,
      state: droppedState(framework.info),
      reason,
      message,
      executorId,
    });
  }
  if (exited) sendExited(context, framework, executorId, -1);
  forgetFrameworkIfIdle(context, framework);
}

function isAlive(framework: Framework, id: TaskId): boolean {
  const executor = findExecutorOfTask(framework, id);
  return executor !== undefined && !executor.terminatedTasks.has(id);
}

function createExecutor(
  context: Context,
  framework: Framework,
  { executor: info, kind }: Assignment,
): Executor {
  const { state, config, emit } = context;
  const id = info.executorId.value as ExecutorId;
  const container = config.random.uuid() as ContainerIdText;
  const user = config.switchUser ? (info.command?.user ?? framework.info.user) : undefined;
  const agentId = runRef(state, { frameworkId: framework.id, id, container } as Executor).agentId;
  const run = { agentId, frameworkId: framework.id, executorId: id, container };
  const executor = addExecutor(framework, {
    id,
    info,
    kind,
    container,
    directory: runPath(config.workDir, run),
    user,
    checkpoint: framework.info.checkpoint ?? false,
    awaited: false,
  });
  if (executor.checkpoint) {
    const generated = kind === 'COMMAND';
    emit({ type: 'checkpoint', records: [{ kind: 'executor', run, info, generated }] });
  }
  emit({ type: 'createDirectory', run: runOf(executor), path: executor.directory, user });
  return executor;
}

function enqueue(context: Context, executor: Executor, assignment: Assignment): void {
  const { tasks, group } = assignment;
  if (executor.checkpoint) keepTasks(context, executor, assignment);
  if (group) queueGroup(executor, group);
  else queueTasks(executor, tasks);
  if (executor.life === 'RUNNING') launchQueued(context, executor);
}

function keepTasks(
  { state, emit }: Context,
  executor: Executor,
  { tasks, group }: Pick<Assignment, 'tasks' | 'group'>,
): void {
  const run = runRef(state, executor);
  const records = tasks.map((info) => ({
    kind: 'task' as const,
    run,
    task: createTask(info, 'TASK_STAGING', executor.frameworkId),
    launch: executor.kind === 'CUSTOM' ? undefined : launchEvent(info, group),
  }));
  emit({ type: 'checkpoint', records });
}

function launchEvent(task: TaskInfo, group: TaskGroupInfo | undefined): api.Event {
  return group
    ? { type: 'LAUNCH_GROUP', launchGroup: { taskGroup: group } }
    : { type: 'LAUNCH', launch: { task } };
}

/** Every queued task of an executor that never was gets told why. */
export function dropQueued(
  context: Context,
  framework: Framework,
  executor: Executor,
  message: string,
): void {
  const facts = {
    frameworkId: framework.id as FrameworkId,
    executorId: executor.id,
    state: droppedState(framework.info),
    reason: 'REASON_EXECUTOR_TERMINATED' as const,
    message,
  };
  const queued: readonly TaskId[] = [...executor.queuedTasks.keys()];
  for (const taskId of queued) sendOwnUpdate(context, { ...facts, taskId });
}
