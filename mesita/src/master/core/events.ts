import type { AgentId, FrameworkId, OfferId, Pid, Result, StreamId } from '@mesita/sdk/base';
import type { OfferableResources, UnavailableResources } from '@mesita/sdk/module';
import type {
  DurationInfo,
  MachineID,
  MasterInfo,
  maintenance,
  Offer,
  scheduler,
  TimeInfo,
  WeightInfo,
} from '@mesita/sdk/types';
import type { QuotaConfig, QuotaRequest } from '@mesita/sdk/types/quota';
import type * as internal from '../../wire/types/internal.ts';
import type { Approvers } from './approvers.ts';
import type { RequestId } from './effects.ts';
import type { WholeRegistry } from './registry/whole.ts';

/*
 * Everything that can happen to a master. Requests keep the call's name; outcomes are in the past
 * tense. Events are taken one at a time, in the order in which they were posted.
 */

/** A message of an agent, decoded. `from` is the sender's pid; the message itself is untrusted. */
interface Message<Type extends string, Body> {
  readonly type: Type;
  readonly from: Pid;
  /** Named by the sender's authentication; undefined when there was none. */
  readonly principal?: string | undefined;
  readonly message: Body;
}

export type RegisterAgent = Message<'RegisterAgent', internal.RegisterSlaveMessage>;
export type ReregisterAgent = Message<'ReregisterAgent', internal.ReregisterSlaveMessage>;
export type UpdateAgent = Message<'UpdateAgent', internal.UpdateSlaveMessage>;
export type UnregisterAgent = Message<'UnregisterAgent', internal.UnregisterSlaveMessage>;
export type StatusUpdate = Message<'StatusUpdate', internal.StatusUpdateMessage>;
export type ExitedExecutor = Message<'ExitedExecutor', internal.ExitedExecutorMessage>;
export type ExecutorMessage = Message<'ExecutorMessage', internal.ExecutorToFrameworkMessage>;
export type UpdateOperationStatus = Message<
  'UpdateOperationStatus',
  internal.UpdateOperationStatusMessage
>;

/** A pong to one of the observers: `observer` is the process id it was addressed to. */
export interface AgentPonged {
  readonly type: 'AgentPonged';
  readonly from: Pid;
  readonly observer: string;
}

/** The connection to a linked peer broke, or could not be made. */
export interface PeerExited {
  readonly type: 'PeerExited';
  readonly pid: Pid;
}

/**
 * A call of the v1 scheduler API, parsed and validated by `validateSchedulerCall`. The core
 * answers it exactly once, with `respond` or `openStream`, now or after an authorization.
 */
export interface SchedulerCall {
  readonly type: 'SchedulerCall';
  readonly requestId: RequestId;
  readonly call: scheduler.Call;
  readonly principal?: string | undefined;
  /** Value of `Mesos-Stream-Id`; for SUBSCRIBE the fresh id of the stream to open. */
  readonly stream?: StreamId | undefined;
}

/** The client of a stream went away. Not posted for streams that the core closed itself. */
export interface StreamClosed {
  readonly type: 'StreamClosed';
  readonly stream: StreamId;
}

/** A call of the v0 scheduler driver, which comes as a message and is never answered. */
export interface DriverCall {
  readonly type: 'DriverCall';
  readonly from: Pid;
  readonly principal?: string | undefined;
  readonly call: scheduler.Call;
  /** SUBSCRIBE of v0: take the framework over although another scheduler is connected. */
  readonly force?: boolean | undefined;
}

/** A driver that stops without ending its framework: no more offers until it is back. */
export interface DeactivateFramework {
  readonly type: 'DeactivateFramework';
  readonly from: Pid;
  readonly frameworkId: FrameworkId;
}

/** An operator wants a framework ended; answered 200, or 400 when it is unknown. */
export interface TeardownFramework {
  readonly type: 'TeardownFramework';
  readonly requestId: RequestId;
  readonly frameworkId: FrameworkId;
}

/** An operator sets roles' weights; answered 200 when they hold, or 400 when one is not valid. */
export interface UpdateWeights {
  readonly type: 'UpdateWeights';
  readonly requestId: RequestId;
  readonly weights: readonly WeightInfo[];
}

/** An operator sets roles' quotas; answered 200 when they hold, or 400 when one is not valid. */
export interface UpdateQuota {
  readonly type: 'UpdateQuota';
  readonly requestId: RequestId;
  readonly configs: readonly QuotaConfig[];
  /** Although the cluster has not what is guaranteed, or a role holds more than its limit. */
  readonly force: boolean;
}

/** The old way to set a quota; also answered 409 when the cluster has not what is guaranteed. */
export interface SetQuota {
  readonly type: 'SetQuota';
  readonly requestId: RequestId;
  readonly request: QuotaRequest;
}

/**
 * An operator reserves or creates, or takes back; answered 202 when the agent was told to, 409 when
 * what it takes is not free.
 */
export interface ChangeResources {
  readonly type: 'ChangeResources';
  readonly requestId: RequestId;
  readonly agentId: AgentId;
  readonly operation: Offer.Operation;
  readonly principal?: string | undefined;
}

/** What an operator may want of an agent. */
type AgentChange =
  | {
      readonly kind: 'drain';
      readonly maxGracePeriod?: DurationInfo | undefined;
      readonly markGone: boolean;
    }
  | { readonly kind: 'deactivate' }
  | { readonly kind: 'reactivate' };

export interface ChangeAgent {
  readonly type: 'ChangeAgent';
  readonly requestId: RequestId;
  readonly agentId: AgentId;
  readonly change: AgentChange | { readonly kind: 'markGone' };
}

/** What an operator may want of machines. */
export type MaintenanceChange =
  | { readonly kind: 'schedule'; readonly schedule: maintenance.Schedule }
  | { readonly kind: 'start' | 'stop'; readonly machines: readonly MachineID[] };

export interface ChangeMaintenance {
  readonly type: 'ChangeMaintenance';
  readonly requestId: RequestId;
  readonly change: MaintenanceChange;
}

/** The allocator has converted what was free, or says why it cannot. */
export interface AvailableConverted {
  readonly type: 'AvailableConverted';
  readonly requestId: RequestId;
  readonly agentId: AgentId;
  readonly operation: Offer.Operation;
  readonly result: Result<void>;
}

/** Who leads, by the detector; undefined while nobody does. */
export interface LeaderDetected {
  readonly type: 'LeaderDetected';
  readonly leader: MasterInfo | undefined;
}

/** Once, after election: what the registry holds. Agents and frameworks are served from here on. */
export interface RegistryRecovered {
  readonly type: 'RegistryRecovered';
  readonly registry: WholeRegistry;
}

// Outcomes of `persist`. `mutated` is false when the registry already was as wanted, or refused.
interface Persisted<Type extends string> {
  readonly type: Type;
  readonly mutated: boolean;
}

/** The request's message carries the new agent id. */
export interface AgentAdmitted extends Persisted<'AgentAdmitted'> {
  readonly request: RegisterAgent;
}

export interface AgentReadmitted extends Persisted<'AgentReadmitted'> {
  readonly request: ReregisterAgent;
}

export interface AgentInfoUpdated extends Persisted<'AgentInfoUpdated'> {
  readonly request: ReregisterAgent;
}

export interface AgentMarkedUnreachable extends Persisted<'AgentMarkedUnreachable'> {
  readonly agentId: AgentId;
  readonly since: TimeInfo;
  readonly message: string;
  /** The agent was only known from the registry and never came back after a failover. */
  readonly duringFailover: boolean;
}

export interface AgentRemoved extends Persisted<'AgentRemoved'> {
  readonly agentId: AgentId;
  readonly message: string;
  readonly reason: 'unregistered' | 'registered';
}

export interface AgentMarkedGone extends Persisted<'AgentMarkedGone'> {
  readonly agentId: AgentId;
  readonly since: TimeInfo;
  readonly requestId?: RequestId | undefined;
}

export interface AgentChanged extends Persisted<'AgentChanged'> {
  readonly agentId: AgentId;
  readonly change: AgentChange;
  readonly requestId: RequestId;
}

export interface AgentDrained extends Persisted<'AgentDrained'> {
  readonly agentId: AgentId;
}

export interface MaintenanceChanged extends Persisted<'MaintenanceChanged'> {
  readonly change: MaintenanceChange;
  readonly requestId: RequestId;
}

export interface RegistryPruned extends Persisted<'RegistryPruned'> {
  readonly unreachable: readonly AgentId[];
  readonly gone: readonly AgentId[];
}

type CapabilitiesRecorded = Persisted<'CapabilitiesRecorded'>;

/** When a framework that went away counts as gone was written down, or that it is back. */
type FrameworkNoted = Persisted<'FrameworkNoted'>;

/** Without a request: those of the flag, which the allocator knows already. */
export interface WeightsUpdated extends Persisted<'WeightsUpdated'> {
  readonly weights: readonly WeightInfo[];
  readonly requestId?: RequestId | undefined;
}

export interface QuotaUpdated extends Persisted<'QuotaUpdated'> {
  readonly configs: readonly QuotaConfig[];
  readonly requestId: RequestId;
}

export type RegistryOutcome =
  | AgentAdmitted
  | AgentReadmitted
  | AgentInfoUpdated
  | AgentMarkedUnreachable
  | AgentRemoved
  | AgentMarkedGone
  | AgentChanged
  | AgentDrained
  | MaintenanceChanged
  | RegistryPruned
  | CapabilitiesRecorded
  | FrameworkNoted
  | WeightsUpdated
  | QuotaUpdated;

// Outcomes of `authorize`.
interface Authorized<Type extends string> {
  readonly type: Type;
  readonly approvers: Approvers;
}

export interface SubscriptionAuthorized extends Authorized<'SubscriptionAuthorized'> {
  readonly request: SchedulerCall | DriverCall;
}

export interface AgentAuthorized extends Authorized<'AgentAuthorized'> {
  readonly request: RegisterAgent | ReregisterAgent;
}

export type AuthorizationOutcome = SubscriptionAuthorized | AgentAuthorized;

/** The allocator's callbacks. */
export interface OffersMade {
  readonly type: 'OffersMade';
  readonly frameworkId: FrameworkId;
  readonly resources: OfferableResources;
}

export interface InverseOffersMade {
  readonly type: 'InverseOffersMade';
  readonly frameworkId: FrameworkId;
  readonly resources: ReadonlyMap<AgentId, UnavailableResources>;
}

// What timers bring. Each names enough to know that it is still meant when it comes.
export interface HeartbeatDue {
  readonly type: 'HeartbeatDue';
  readonly frameworkId: FrameworkId;
  readonly stream: StreamId;
}

export interface OfferTimedOut {
  readonly type: 'OfferTimedOut';
  readonly offerId: OfferId;
}

export interface FailoverTimedOut {
  readonly type: 'FailoverTimedOut';
  readonly frameworkId: FrameworkId;
}

export interface PingTimedOut {
  readonly type: 'PingTimedOut';
  readonly agentId: AgentId;
  readonly observer: string;
}

/** A disconnected agent answers pings, perhaps, but did not re-register. */
export interface ReregistrationTimedOut {
  readonly type: 'ReregistrationTimedOut';
  readonly agentId: AgentId;
}

/** After a failover: whoever of the registry's agents is not back by now is unreachable. */
interface RecoveryTimedOut {
  readonly type: 'RecoveryTimedOut';
}

/** The rate allows another agent to be marked unreachable. */
interface RemovalPermitted {
  readonly type: 'RemovalPermitted';
}

interface RegistryGcDue {
  readonly type: 'RegistryGcDue';
}

export type TimerOutcome =
  | HeartbeatDue
  | OfferTimedOut
  | FailoverTimedOut
  | PingTimedOut
  | ReregistrationTimedOut
  | RecoveryTimedOut
  | RemovalPermitted
  | RegistryGcDue;

export type MasterEvent =
  | RegisterAgent
  | ReregisterAgent
  | UpdateAgent
  | UnregisterAgent
  | StatusUpdate
  | ExitedExecutor
  | ExecutorMessage
  | UpdateOperationStatus
  | AgentPonged
  | PeerExited
  | SchedulerCall
  | StreamClosed
  | DriverCall
  | DeactivateFramework
  | TeardownFramework
  | UpdateWeights
  | UpdateQuota
  | SetQuota
  | ChangeResources
  | ChangeAgent
  | ChangeMaintenance
  | AvailableConverted
  | LeaderDetected
  | RegistryRecovered
  | RegistryOutcome
  | AuthorizationOutcome
  | OffersMade
  | InverseOffersMade
  | TimerOutcome;

export type EventType = MasterEvent['type'];
export type EventOf<Type extends EventType> = Extract<MasterEvent, { readonly type: Type }>;
