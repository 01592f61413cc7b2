import type { Pid, TaskId } from '@mesita/sdk/base';
import type { FrameworkInfo, Operation, Task, TaskGroupInfo, TaskInfo } from '@mesita/sdk/types';
import type { ExitedExecutorMessage } from '../../wire/types/internal.ts';
import { uuidText } from '../../wire/uuid.ts';
import { type Executor, type Framework, frameworkIdOf } from './framework.ts';
import type { AgentState, OperationRecord } from './state.ts';
import { taskIdOf } from './task.ts';
import { pushBounded, writable, writableMap } from './writable.ts';

const MAX_COMPLETED_FRAMEWORKS = 50;
const MAX_COMPLETED_TASKS = 200;
const MAX_UNHEARD_EXITS = 1000;

/** Adds a framework, with the executors that an earlier stay of it left behind. */
export function addFramework(
  state: AgentState,
  info: FrameworkInfo,
  pid: Pid | undefined,
): Framework {
  const id = frameworkIdOf(info);
  const earlier = state.completedFrameworks.findIndex((completed) => completed.id === id);
  const completed =
    earlier < 0 ? undefined : writable(state.completedFrameworks).splice(earlier, 1)[0];
  const framework: Framework = {
    id,
    info,
    pid,
    life: 'RUNNING',
    executors: new Map(),
    completedExecutors: completed?.completedExecutors ?? [],
  };
  writableMap(state.frameworks).set(id, framework);
  return framework;
}

/** Moves a framework without executors to the completed ones. */
export function completeFramework(state: AgentState, framework: Framework): void {
  writableMap(state.frameworks).delete(framework.id);
  pushBounded(state.completedFrameworks, framework, MAX_COMPLETED_FRAMEWORKS);
}

export function addExecutor(
  framework: Framework,
  facts: Pick<
    Executor,
    'id' | 'info' | 'kind' | 'container' | 'directory' | 'user' | 'checkpoint' | 'awaited'
  >,
): Executor {
  const executor: Executor = {
    ...facts,
    frameworkId: framework.id,
    life: 'REGISTERING',
    connection: undefined,
    status: undefined,
    ending: undefined,
    ended: undefined,
    launches: new Map(),
    hasContainer: false,
    queuedTasks: new Map(),
    queuedGroups: [],
    launchedTasks: new Map(),
    terminatedTasks: new Map(),
    completedTasks: [],
  };
  writableMap(framework.executors).set(executor.id, executor);
  return executor;
}

export function completeExecutor(framework: Framework, executor: Executor, max: number): void {
  writableMap(framework.executors).delete(executor.id);
  pushBounded(framework.completedExecutors, executor, max);
}

export function queueTasks(executor: Executor, tasks: readonly TaskInfo[]): void {
  for (const task of tasks) writableMap(executor.queuedTasks).set(taskIdOf(task), task);
}

export function queueGroup(executor: Executor, group: TaskGroupInfo): void {
  queueTasks(executor, group.tasks ?? []);
  writable(executor.queuedGroups).push(group);
}

/** Forgets a queued task, and its group when it was the last one of it. */
export function dequeueTask(executor: Executor, id: TaskId): TaskInfo | undefined {
  const task = executor.queuedTasks.get(id);
  writableMap(executor.queuedTasks).delete(id);
  const groups = writable(executor.queuedGroups);
  const at = groups.findIndex((group) => group.tasks?.some((member) => taskIdOf(member) === id));
  const isEmpty = !groups[at]?.tasks?.some((member) => executor.queuedTasks.has(taskIdOf(member)));
  if (at >= 0 && isEmpty) groups.splice(at, 1);
  return task;
}

export function setLaunchedTask(executor: Executor, task: Task): void {
  writableMap(executor.launchedTasks).set(taskIdOf(task), task);
}

export function setCompletedTask(executor: Executor, task: Task): void {
  setTerminatedTask(executor, task);
  completeTask(executor, taskIdOf(task));
}

export function setTerminatedTask(executor: Executor, task: Task): void {
  writableMap(executor.launchedTasks).delete(taskIdOf(task));
  writableMap(executor.terminatedTasks).set(taskIdOf(task), task);
}

export function completeTask(executor: Executor, id: TaskId): void {
  const task = executor.terminatedTasks.get(id);
  if (!task) return;
  writableMap(executor.terminatedTasks).delete(id);
  pushBounded(executor.completedTasks, task, MAX_COMPLETED_TASKS);
}

export function addOperation(
  state: AgentState,
  operation: Operation,
  isDurable: boolean,
): OperationRecord {
  const record = { operation, isDurable, retryMs: 0 };
  writableMap(state.operations).set(uuidText(operation.uuid.value), record);
  return record;
}

export function removeOperation(state: AgentState, key: string): void {
  writableMap(state.operations).delete(key);
}

export function noteExit(state: AgentState, exit: ExitedExecutorMessage): void {
  pushBounded(state.unheardExits, exit, MAX_UNHEARD_EXITS);
}

export function takeExits(state: AgentState): readonly ExitedExecutorMessage[] {
  return writable(state.unheardExits).splice(0);
}
