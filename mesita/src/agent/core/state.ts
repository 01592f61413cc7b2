import type { FrameworkId, Instant, Pid } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, DrainConfig, Operation } from '@mesita/sdk/types';
import type { ExitedExecutorMessage } from '../../wire/types/internal.ts';
import type { Framework } from './framework.ts';
import type { UpdateStream } from './update-stream.ts';

export type * from './framework.ts';
export type * from './run-ref.ts';
export type * from './update-stream.ts';

/**
 * What the agent knows. Scalars are written by the core's handlers, maps and rings only by
 * `books.ts` and `update-stream.ts`; everybody else reads.
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

export interface OperationRecord {
  readonly operation: Operation;
  /** On the disk, and so are the reservations and volumes that it made. */
  isDurable: boolean;
  /** Delay before its status is sent again. */
  retryMs: number;
}

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
