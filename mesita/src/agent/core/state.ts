import type {
  AgentId,
  ContainerIdText,
  ExecutorId,
  FrameworkId,
  Pid,
  StreamId,
  TaskId,
} from '@mesita/sdk/base';
import type {
  AgentInfo,
  ContainerStatus,
  DrainConfig,
  ExecutorInfo,
  FrameworkInfo,
  Task,
  TaskGroupInfo,
  TaskInfo,
} from '@mesita/sdk/types';
import type { StatusUpdate } from '../../wire/types/internal.ts';

/**
 * What the agent knows. Scalars are written by the core's handlers, maps and rings only by the
 * functions of this file; everybody else reads.
 *
 *   RECOVERING ──checkpoints read, executors back──▶ DISCONNECTED ◀──▶ RUNNING
 *        └────────────────────────────────────────────────┴────────────┴──▶ TERMINATING
 */
export type AgentLife = 'RECOVERING' | 'DISCONNECTED' | 'RUNNING' | 'TERMINATING';

export interface AgentState {
  life: AgentLife;
  /** `id` is absent until a master gave one. */
  info: AgentInfo;
  /** Executors may subscribe: the checkpoints were read. */
  acceptsExecutors: boolean;
  master: Master | undefined;
  /** 16 bytes; changes when the agent's resources do. */
  resourceVersion: Uint8Array;
  drain: { readonly config: DrainConfig; readonly startedAt: number } | undefined;
  readonly frameworks: ReadonlyMap<FrameworkId, Framework>;
  /** Oldest first, at most 50. */
  readonly completedFrameworks: readonly Framework[];
  /** By `streamKey`: updates that a scheduler has not acknowledged yet. */
  readonly streams: ReadonlyMap<string, UpdateStream>;
  readonly counters: Counters;
}

export interface Master {
  readonly pid: Pid;
  readonly hostname: string | undefined;
}

/** Events since the start, under the names of `/metrics/snapshot` without `slave/`. */
export interface Counters {
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
export type ExecutorLife = 'REGISTERING' | 'RUNNING' | 'TERMINATING' | 'TERMINATED';

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
  ending:
    | { readonly state: Task['state']; readonly reason: Reason; readonly message: string }
    | undefined;
  /** Waiting for the executor to subscribe, in the order they came. */
  readonly queuedTasks: ReadonlyMap<TaskId, TaskInfo>;
  readonly queuedGroups: readonly TaskGroupInfo[];
  readonly launchedTasks: ReadonlyMap<TaskId, Task>;
  /** Ended, and the end is not acknowledged yet. */
  readonly terminatedTasks: ReadonlyMap<TaskId, Task>;
  /** Ended and acknowledged; oldest first, at most 200. */
  readonly completedTasks: readonly Task[];
}

type Reason = NonNullable<NonNullable<Task['statuses']>[number]['reason']>;

/** The updates of one task on their way to its scheduler: one in flight, the others behind it. */
export interface UpdateStream {
  readonly key: string;
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** Where its records go on disk; undefined when its framework does not checkpoint. */
  readonly run: RunRef | undefined;
  /** Durable, not acknowledged; the first one is in flight. */
  readonly pending: readonly StatusUpdate[];
  /** Delay before the first pending update is sent again. */
  retryMs: number;
}

/** Names one run of an executor on disk. */
export interface RunRef {
  readonly agentId: AgentId;
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  readonly container: ContainerIdText;
}
