import type { ContainerIdText, ExecutorId, FrameworkId, Pid, TaskId } from '@mesita/sdk/base';
import type {
  AgentInfo,
  DrainConfig,
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  Resource,
  Task,
} from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import type { StatusUpdate } from '../../wire/types/internal.ts';

/** What a work directory says about the agent that used it before. Plain data, oldest first. */
export interface RecoveredAgent {
  readonly info: AgentInfo;
  /** It was being drained. */
  readonly drain?: DrainConfig | undefined;
  readonly frameworks: readonly RecoveredFramework[];
  /** Files that could not be read and were passed over (only when recovery is not strict). */
  readonly errors: readonly string[];
}

/** Made on this machine's disks, by whatever agent: a new one under another id has them too. */
export interface RecoveredResources {
  readonly resources: readonly Resource[];
  readonly operations: readonly Operation[];
}

export interface RecoveredFramework {
  readonly id: FrameworkId;
  readonly info: FrameworkInfo;
  readonly pid: Pid | undefined;
  readonly executors: readonly RecoveredExecutor[];
}

export interface RecoveredExecutor {
  readonly id: ExecutorId;
  readonly info: ExecutorInfo;
  /** The agent made this ExecutorInfo itself, for a command task. */
  readonly generated: boolean;
  /** The newest run; earlier ones only wait to be collected. */
  readonly run: RecoveredRun | undefined;
  readonly olderRuns: readonly ContainerIdText[];
}

export interface RecoveredRun {
  readonly container: ContainerIdText;
  /** The run ended and everything about it was acknowledged. */
  readonly completed: boolean;
  /** Absent: the agent died before the fork, or the executor was never launched. */
  readonly forkedPid: number | undefined;
  /** It had subscribed over HTTP (or is built in). */
  readonly http: boolean;
  readonly tasks: readonly RecoveredTask[];
}

export interface RecoveredTask {
  readonly id: TaskId;
  readonly task: Task;
  /** As a built-in executor was told of it; absent for others, which remember themselves. */
  readonly launch: api.Event | undefined;
  readonly updates: readonly StatusUpdate[];
  /** Canonical text of the uuids that were acknowledged. */
  readonly acknowledged: readonly string[];
}
