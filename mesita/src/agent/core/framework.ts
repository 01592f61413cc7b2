import type {
  ContainerIdText,
  ExecutorId,
  FrameworkId,
  Pid,
  StreamId,
  TaskId,
} from '@mesita/sdk/base';
import type {
  ContainerStatus,
  ExecutorInfo,
  FrameworkInfo,
  Task,
  TaskGroupInfo,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import type * as api from '@mesita/sdk/types/executor';

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

export function frameworkIdOf(info: FrameworkInfo): FrameworkId {
  return (info.id?.value ?? '') as FrameworkId;
}
