import type {
  AgentId,
  ContainerIdText,
  ExecutorId,
  FrameworkId,
  Instant,
  Pid,
  StreamId,
  TaskId,
} from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type {
  AgentInfo,
  ContainerStatus,
  DrainConfig,
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  Task,
  TaskGroupInfo,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import type * as api from '@mesita/sdk/types/executor';
import type { ExitedExecutorMessage, StatusUpdate } from '../../wire/types/internal.ts';
import { uuidText } from '../../wire/uuid.ts';

/**
 * What the agent knows. Scalars are written by the core's handlers, maps and rings only by the
 * functions of this file; everybody else reads.
 *
 *   RECOVERING ──checkpoints read, executors back──▶ DISCONNECTED ◀──▶ RUNNING
 *        └────────────────────────────────────────────────┴────────────┴──▶ TERMINATING
 */
type AgentLife = 'RECOVERING' | 'DISCONNECTED' | 'RUNNING' | 'TERMINATING';

export interface AgentState {
  life: AgentLife;
  /** `id` is absent until a master gave one. */
  info: AgentInfo;
  /** Executors may subscribe: the checkpoints were read. */
  acceptsExecutors: boolean;
  /** Containers are back; some executors may still have to come back themselves. */
  awaitsExecutors: boolean;
  master: Master | undefined;
  /** How long a master may be silent; it says so itself. */
  pingTimeoutMs: number;
  /** 16 bytes; changes when the agent's resources do. */
  resourceVersion: Uint8Array;
  /** What the flags say, with the reservations and volumes made since. */
  resources: Resources;
  /** Those reservations and volumes. */
  checkpointed: Resources;
  /** Done, and not acknowledged yet; by the text of their UUIDs. */
  readonly operations: ReadonlyMap<string, OperationRecord>;
  /** What is and may be lent revocably, as last estimated; undefined: nobody estimates. */
  oversubscribed: Resources | undefined;
  /** Set from the master's order until the last framework is gone. */
  drain: { readonly config: DrainConfig; readonly startedAt: Instant } | undefined;
  readonly frameworks: ReadonlyMap<FrameworkId, Framework>;
  /** Oldest first, at most 50. */
  readonly completedFrameworks: readonly Framework[];
  /** By `streamKey`: updates that a scheduler has not acknowledged yet. */
  readonly streams: ReadonlyMap<string, UpdateStream>;
  /** Executors that ended while no master was sure to hear of it. */
  readonly unheardExits: readonly ExitedExecutorMessage[];
  readonly counters: Counters;
}

export interface Master {
  readonly pid: Pid;
  readonly hostname: string | undefined;
}

/** Events since the start, under the names of `/metrics/snapshot` without `slave/`. */
interface Counters {
  tasks_finished: number;
  tasks_failed: number;
  tasks_killed: number;
  tasks_lost: number;
  tasks_gone: number;
  valid_status_updates: number;
  invalid_status_updates: number;
  valid_framework_messages: number;
  invalid_framework_messages: number;
  executors_terminated: number;
  executors_preempted: number;
  container_launch_errors: number;
  /** Checkpoints that could not be read at the start. */
  recovery_errors: number;
}

export interface Framework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  /** Address of a driver-based scheduler; absent for those that came over HTTP. */
  pid: Pid | undefined;
  life: 'RUNNING' | 'TERMINATING';
  readonly executors: ReadonlyMap<ExecutorId, Executor>;
  /** Oldest first, at most `--max_completed_executors_per_framework`. */
  readonly completedExecutors: readonly Executor[];
}

/**
 *   REGISTERING ──SUBSCRIBE──▶ RUNNING ──▶ TERMINATING ──▶ TERMINATED
 *        └───────────shutdown, timeout────────┘   container gone, updates unacknowledged
 */
type ExecutorLife = 'REGISTERING' | 'RUNNING' | 'TERMINATING' | 'TERMINATED';

export type ExecutorKind = 'COMMAND' | 'DEFAULT' | 'CUSTOM';

export type ExecutorConnection =
  | { readonly kind: 'http'; readonly stream: StreamId }
  | { readonly kind: 'builtin' };

/** One run of an executor: its container and its tasks. A second run is a second `Executor`. */
export interface Executor {
  readonly id: ExecutorId;
  readonly frameworkId: FrameworkId;
  readonly info: ExecutorInfo;
  readonly kind: ExecutorKind;
  readonly container: ContainerIdText;
  /** Host path of the sandbox. */
  readonly directory: string;
  /** Who the sandbox belongs to and the container runs as; undefined: whoever the agent is. */
  readonly user: string | undefined;
  readonly checkpoint: boolean;
  life: ExecutorLife;
  /** Absent until it subscribed, and again when its connection broke. */
  connection: ExecutorConnection | undefined;
  /** What its container's isolators said of it, once it runs. */
  status: ContainerStatus | undefined;
  /** Known from checkpoints and not heard of since the agent's restart. */
  awaited: boolean;
  /** Why the agent ends its container, kept to explain it to the tasks' owner. */
  ending: Ending | undefined;
  /** Its container is gone, and its built-in executor has yet to be told. */
  ended: { readonly termination: ContainerTermination | undefined } | undefined;
  /** By task: how a built-in executor was told of it before the agent's restart. */
  launches: ReadonlyMap<TaskId, api.Event>;
  /** The containerizer was asked for its container, so its end will be told. */
  hasContainer: boolean;
  /** Waiting for the executor to subscribe, in the order they came. */
  readonly queuedTasks: ReadonlyMap<TaskId, TaskInfo>;
  readonly queuedGroups: readonly TaskGroupInfo[];
  readonly launchedTasks: ReadonlyMap<TaskId, Task>;
  /** Ended, and the end is not acknowledged yet. */
  readonly terminatedTasks: ReadonlyMap<TaskId, Task>;
  /** Ended and acknowledged; oldest first, at most 200. */
  readonly completedTasks: readonly Task[];
}

export interface Ending {
  readonly state: TaskState;
  readonly reason: TaskStatus.Reason;
  readonly message: string;
}

/** The updates of one task on their way to its scheduler: one in flight, the others behind it. */
export interface UpdateStream {
  readonly key: string;
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Where its records go on disk; undefined when its framework does not checkpoint. */
  readonly run: RunRef | undefined;
  /** Durable, not acknowledged; the first one is in flight. */
  readonly pending: readonly StatusUpdate[];
  /** Text of the uuid of every update that came in: a second one of the same is not new. */
  readonly received: ReadonlySet<string>;
  /** Delay before the first pending update is sent again. */
  retryMs: number;
}

export interface OperationRecord {
  readonly operation: Operation;
  /** On the disk, and so are the reservations and volumes that it made. */
  isDurable: boolean;
  /** Delay before its status is sent again. */
  retryMs: number;
}

/** Names one run of an executor on disk. */
export interface RunRef {
  readonly agentId: AgentId;
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  readonly container: ContainerIdText;
}

const MAX_COMPLETED_FRAMEWORKS = 50;
const MAX_COMPLETED_TASKS = 200;
const MAX_REMEMBERED_UPDATES = 1000;
const MAX_UNHEARD_EXITS = 1000;

export function createAgentState(info: AgentInfo, resourceVersion: Uint8Array): AgentState {
  return {
    life: 'RECOVERING',
    info,
    acceptsExecutors: false,
    awaitsExecutors: false,
    master: undefined,
    pingTimeoutMs: 75_000,
    resourceVersion,
    resources: Resources.of(info.resources ?? []),
    checkpointed: Resources.empty,
    operations: new Map(),
    oversubscribed: undefined,
    drain: undefined,
    unheardExits: [],
    frameworks: new Map(),
    completedFrameworks: [],
    streams: new Map(),
    counters: {
      tasks_finished: 0,
      tasks_failed: 0,
      tasks_killed: 0,
      tasks_lost: 0,
      tasks_gone: 0,
      valid_status_updates: 0,
      invalid_status_updates: 0,
      valid_framework_messages: 0,
      invalid_framework_messages: 0,
      executors_terminated: 0,
      executors_preempted: 0,
      container_launch_errors: 0,
      recovery_errors: 0,
    },
  };
}

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

export function addStream(
  state: AgentState,
  facts: Pick<UpdateStream, 'frameworkId' | 'taskId' | 'run'>,
): UpdateStream {
  const key = streamKey(facts.frameworkId, facts.taskId);
  const stream: UpdateStream = { ...facts, key, pending: [], received: new Set(), retryMs: 0 };
  writableMap(state.streams).set(key, stream);
  return stream;
}

export function removeStream(state: AgentState, stream: UpdateStream): void {
  writableMap(state.streams).delete(stream.key);
}

/** Executors repeat only what they were not told is safe: the newest ones suffice. */
export function noteReceived(stream: UpdateStream, uuid: string): void {
  const received = stream.received as Set<string>;
  received.add(uuid);
  if (received.size <= MAX_REMEMBERED_UPDATES) return;
  const [oldest = ''] = received;
  received.delete(oldest);
}

export function pushPending(stream: UpdateStream, update: StatusUpdate): void {
  writable(stream.pending).push(update);
}

export function shiftPending(stream: UpdateStream): StatusUpdate | undefined {
  return writable(stream.pending).shift();
}

export function streamKey(framework: FrameworkId, task: TaskId): string {
  return `${framework}/${task}`;
}

export function frameworkIdOf(info: FrameworkInfo): FrameworkId {
  return (info.id?.value ?? '') as FrameworkId;
}

export function taskIdOf(task: Pick<TaskInfo, 'taskId'>): TaskId {
  return task.taskId.value as TaskId;
}

function writable<T>(list: readonly T[]): T[] {
  return list as T[];
}

function writableMap<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
  return map as Map<K, V>;
}

function pushBounded<T>(list: readonly T[], item: T, max: number): void {
  const items = writable(list);
  items.push(item);
  if (items.length > max) items.splice(0, items.length - max);
}
