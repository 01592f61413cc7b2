import type {
  AgentId,
  ExecutorId,
  FrameworkId,
  Instant,
  OfferId,
  Pid,
  StreamId,
  TaskId,
} from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo, scheduler } from '@mesita/sdk/types';
import type { ExecutorRecord, OperationRecord } from './agent.ts';
import type { Approvers } from './approvers.ts';
import type { TaskRecord } from './task.ts';

export type Connection =
  | { readonly kind: 'http'; readonly stream: StreamId }
  | { readonly kind: 'pid'; readonly pid: Pid }
  | { readonly kind: 'none' };

/**
 * A framework with a subscription, or one that may come back to it.
 *
 *   recovered ──SUBSCRIBE──▶ connected ◀──SUBSCRIBE── disconnected ──failover timeout──▶ completed
 *  (told of by agents)           └────stream closed────────▶┘
 */
export interface Framework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  connection: Connection;
  /** Kept after a disconnection, for the books: which kind of scheduler it was. */
  pid?: Pid | undefined;
  /** May be offered to, when connected. */
  active: boolean;
  /** Known from re-registering agents only. */
  recovered: boolean;
  roles: ReadonlySet<string>;
  capabilities: ReadonlySet<FrameworkInfo.Capability.Type>;
  suppressedRoles: Set<string>;
  offerConstraints?: scheduler.OfferConstraints | undefined;
  approvers: Approvers;
  registeredAt: Instant;
  reregisteredAt: Instant;
  unregisteredAt?: Instant | undefined;
  readonly tasks: Map<TaskId, TaskRecord>;
  /** Bounded; the oldest go. A task that is not PARTITION_AWARE is TASK_LOST here. */
  readonly unreachableTasks: Map<TaskId, TaskRecord>;
  /** Bounded ring, oldest first; the same id may be in it more than once. */
  readonly completedTasks: TaskRecord[];
  readonly executors: Map<AgentId, Map<ExecutorId, ExecutorRecord>>;
  readonly offers: Set<OfferId>;
  readonly inverseOffers: Set<OfferId>;
  /** By UUID in hexadecimal. */
  readonly operations: Map<string, OperationRecord>;
  /** UUIDs by the ids that the framework gave. */
  readonly operationUuids: Map<string, string>;
  readonly used: Map<AgentId, Resources>;
  readonly offered: Map<AgentId, Resources>;
  totalUsed: Resources;
  totalOffered: Resources;
  /** Below `master/frameworks/<name>/<id>/`; gauges are computed from the rest. */
  readonly counters: Map<string, number>;
}

export function countOf(framework: Framework, name: string, by = 1): void {
  framework.counters.set(name, (framework.counters.get(name) ?? 0) + by);
}

export function isConnected(framework: Framework): boolean {
  return framework.connection.kind !== 'none';
}

/** The roles of a FrameworkInfo, whichever way it says them. */
export function rolesOf(info: FrameworkInfo): ReadonlySet<string> {
  return hasCapability(info, 'MULTI_ROLE')
    ? new Set(info.roles ?? [])
    : new Set([info.role ?? '*']);
}

export function hasCapability(info: FrameworkInfo, type: FrameworkInfo.Capability.Type): boolean {
  return (info.capabilities ?? []).some((capability) => capability.type === type);
}

export function capabilitiesOf(info: FrameworkInfo): ReadonlySet<FrameworkInfo.Capability.Type> {
  return new Set(
    (info.capabilities ?? []).flatMap(({ type }) => (type === undefined ? [] : [type])),
  );
}
