import type {
  AgentId,
  ExecutorId,
  FrameworkId,
  Instant,
  OfferId,
  Pid,
  TaskId,
} from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type {
  AgentInfo,
  DrainInfo,
  ExecutorInfo,
  MachineID,
  Operation,
  ResourceProviderInfo,
  UUID,
} from '@mesita/sdk/types';
import type { TaskRecord } from './task.ts';

export interface ExecutorRecord {
  readonly info: ExecutorInfo;
  readonly resources: Resources;
}

export interface OperationRecord {
  operation: Operation;
}

export interface ResourceProvider {
  info: ResourceProviderInfo;
  total: Resources;
  resourceVersion: UUID;
}

/**
 * A registered agent.
 *
 *              link broken / socket closed
 *   connected ────────────────────────────▶ disconnected ──re-registers──▶ connected
 *       │                                        │
 *       └── pings unanswered ──▶ unreachable ◀───┘ not back in time
 *
 * `active` is whether it may be offered: connected and not deactivated by an operator.
 */
export interface Agent {
  readonly id: AgentId;
  info: AgentInfo;
  pid: Pid;
  readonly machineId: MachineID;
  version: string;
  capabilities: ReadonlySet<AgentInfo.Capability.Type>;
  readonly registeredAt: Instant;
  reregisteredAt?: Instant | undefined;
  connected: boolean;
  active: boolean;
  /** By an operator, kept in the registry. */
  deactivated: boolean;
  drain?: DrainInfo | undefined;
  drainStartedAt?: Instant | undefined;
  /** What `info` says, with operations, oversubscription and resource providers applied. */
  total: Resources;
  /** Dynamic reservations and volumes of the agent's own resources. */
  checkpointed: Resources;
  resourceVersion?: UUID | undefined;
  readonly resourceProviders: Map<string, ResourceProvider>;
  /** Of tasks and executors, by framework; absent when nothing. */
  readonly used: Map<FrameworkId, Resources>;
  offered: Resources;
  readonly tasks: Map<FrameworkId, Map<TaskId, TaskRecord>>;
  readonly executors: Map<FrameworkId, Map<ExecutorId, ExecutorRecord>>;
  /** Asked to be killed; repeated when the agent re-registers with them still alive. */
  readonly killedTasks: Map<FrameworkId, Set<TaskId>>;
  /** By UUID in hexadecimal. */
  readonly operations: Map<string, OperationRecord>;
  readonly offers: Set<OfferId>;
  readonly inverseOffers: Set<OfferId>;
  /** Process id of the observer that pings it. */
  observer: string;
  /** Pings sent since the last pong. */
  missedPings: number;
}

/** In the registry, not back since this master was elected. */
export interface RecoveredAgent {
  readonly info: AgentInfo;
  readonly deactivated: boolean;
  readonly drain?: DrainInfo | undefined;
}
