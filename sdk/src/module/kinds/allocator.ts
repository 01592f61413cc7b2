import type { AgentId, Clock, FrameworkId, Logger, Random, Result } from '../../base/index.ts';
import type { ResourceLimits, ResourceQuantities, Resources } from '../../resources/index.ts';
import type * as allocator from '../../types/allocator.ts';
import type {
  AgentInfo,
  DomainInfo,
  Filters,
  FrameworkInfo,
  Offer,
  scheduler,
  Unavailability,
  WeightInfo,
} from '../../types/index.ts';

/** Who gets what: role, then agent. Resources carry their allocation. */
export type OfferableResources = ReadonlyMap<string, ReadonlyMap<AgentId, Resources>>;

/** What an agent's maintenance takes away. */
export interface UnavailableResources {
  readonly resources: Resources;
  readonly unavailability: Unavailability;
}

export interface AllocatorCallbacks {
  /** At most once per framework and run; the resources count as offered from then on. */
  offer(framework: FrameworkId, resources: OfferableResources): void;
  inverseOffer(framework: FrameworkId, resources: ReadonlyMap<AgentId, UnavailableResources>): void;
}

/**
 * Where Mesos' own way is a known flaw, and a better one is there for who asks for it.
 * `inner_weights`: a weight reaches a role that merely has roles below it, whenever it is set.
 * `nested_limits`: what roles below a limited one are offered stays within that limit.
 * `fair_subtrees`: a role's share is that of its least served part (H-DRF), so that one part with
 * much of one resource does not starve another part that wants a different one.
 * `idle_last`: who declined the last offer is asked after all others, for a minute at most, so that
 * many frameworks with nothing to do do not starve one that wants more than it has.
 */
export type AllocatorCorrection = 'inner_weights' | 'nested_limits' | 'fair_subtrees' | 'idle_last';

/** Values of the flags that concern allocation; times in milliseconds. */
export interface AllocatorOptions {
  readonly allocationIntervalMs: number;
  readonly roleSorter: string;
  readonly frameworkSorter: string;
  readonly fairnessExcludedResourceNames: ReadonlySet<string>;
  readonly filterGpuResources: boolean;
  /** Any one of them, wholly contained in an offer, makes it worth sending. Empty: anything does. */
  readonly minAllocatable: readonly ResourceQuantities[];
  readonly domain?: DomainInfo | undefined;
  readonly recoveryTimeoutMs: number;
  readonly agentRecoveryFactor: number;
  readonly maxCompletedFrameworks: number;
  readonly publishPerFrameworkMetrics: boolean;
  readonly regexMaxMemoryBytes: number;
  readonly regexMaxProgramSize: number;
  /**
   * How soon what tasks freed is offered again, without waiting for the next periodic run. Absent:
   * it waits, as in Mesos. Declined offers always wait, and filters hold in either case.
   */
  readonly recoveredOfferDelayMs?: number | undefined;
  /** Absent: none, as in Mesos. */
  readonly corrections?: ReadonlySet<AllocatorCorrection> | undefined;
}

export interface FrameworkOptions {
  readonly suppressedRoles: ReadonlySet<string>;
  readonly offerConstraints?: scheduler.OfferConstraints | undefined;
}

export interface Quota {
  readonly guarantees: ResourceQuantities;
  readonly limits: ResourceLimits;
}

/** One conversion of an operation: these resources become those. */
export interface ResourceConversion {
  readonly consumed: Resources;
  readonly converted: Resources;
}

export interface InverseOfferStatus {
  readonly status: allocator.InverseOfferStatus.Status;
  readonly framework: FrameworkId;
  readonly timestampMs: number;
}

/** What can keep an agent from being offered to a framework, in the order in which it is asked. */
export type OfferGate =
  | 'ALLOCATOR_PAUSED'
  | 'FRAMEWORK_DEACTIVATED'
  | 'ROLE_NOT_SUBSCRIBED'
  | 'ROLE_SUPPRESSED'
  | 'AGENT_DEACTIVATED'
  | 'AGENT_NOT_WHITELISTED'
  | 'OFFER_CONSTRAINTS'
  | 'NOTHING_AVAILABLE'
  | 'BELOW_MINIMUM'
  | 'GPU_AGENT'
  | 'REMOTE_REGION'
  | 'CAPABILITY'
  | 'QUOTA_LIMIT'
  | 'QUOTA_HEADROOM'
  | 'AGENT_NOT_MULTI_ROLE'
  | 'AGENT_NOT_HIERARCHICAL_ROLE'
  | 'OFFER_FILTER'
  | 'MODULE_FILTER';

/** Why one agent is not offered; without a gate nothing stands in between but those who come first. */
export interface OfferExplanation {
  readonly agent: AgentId;
  readonly gate?: OfferGate;
  readonly reason: string;
  /** What would have to change. */
  readonly remedy?: string;
}

export interface RoleExplanation {
  readonly role: string;
  /** How many agents each gate stops; an agent counts at the first one. */
  readonly stopped: ReadonlyMap<OfferGate, number>;
  /** Agents that nothing stops. */
  readonly open: number;
  /** Who is asked before, nearest first, with their dominant shares. */
  readonly before: readonly { readonly framework: FrameworkId; readonly share?: number }[];
  readonly share?: number;
  /** The same for roles, where the order is one of shares: they are asked before this one. */
  readonly rolesBefore?: readonly { readonly role: string; readonly share?: number }[];
  readonly roleShare?: number;
  /** Examples for each gate, or the agent that was asked about. */
  readonly agents: readonly OfferExplanation[];
}

export interface PastOffer {
  readonly agent: AgentId;
  readonly role: string;
  readonly resources: Resources;
  readonly timestampMs: number;
  readonly outcome: 'OPEN' | 'ACCEPTED' | 'DECLINED' | 'RETURNED';
}

export interface FrameworkExplanation {
  readonly framework: FrameworkId;
  readonly roles: readonly RoleExplanation[];
  /** The last 20, the latest first. */
  readonly offers: readonly PastOffer[];
}

/**
 * Decides who is offered what. The master calls it one message at a time, never waits for it but
 * where a result is named, and tells it of everything that changes an agent or a framework.
 */
export interface Allocator {
  /** Once, at the master's start and before its election. Nothing is offered before. */
  initialize(options: AllocatorOptions, callbacks: AllocatorCallbacks): void;
  /** After the registry was recovered; with quotas, offers wait for enough agents to return. */
  recover(expectedAgents: number, quotas: ReadonlyMap<string, Quota>): void;

  /** `used` holds what the framework has on agents, known to the allocator or not. */
  addFramework(
    id: FrameworkId,
    info: FrameworkInfo,
    used: ReadonlyMap<AgentId, Resources>,
    active: boolean,
    options: FrameworkOptions,
  ): void;
  removeFramework(id: FrameworkId): void;
  activateFramework(id: FrameworkId): void;
  /** Its filters go; its resources stay until the master recovers them. */
  deactivateFramework(id: FrameworkId): void;
  updateFramework(id: FrameworkId, info: FrameworkInfo, options: FrameworkOptions): void;

  addAgent(
    id: AgentId,
    info: AgentInfo,
    capabilities: readonly AgentInfo.Capability[],
    unavailability: Unavailability | undefined,
    total: Resources,
    used: ReadonlyMap<FrameworkId, Resources>,
  ): void;
  removeAgent(id: AgentId): void;
  updateAgent(
    id: AgentId,
    info: AgentInfo,
    total?: Resources,
    capabilities?: readonly AgentInfo.Capability[],
  ): void;
  addResourceProvider(
    id: AgentId,
    total: Resources,
    used: ReadonlyMap<FrameworkId, Resources>,
  ): void;
  activateAgent(id: AgentId): void;
  deactivateAgent(id: AgentId): void;
  /** Host names that may be offered; undefined allows all. */
  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void;

  requestResources(id: FrameworkId, requests: readonly unknown[]): void;
  /** An accepted offer was converted before its launch. */
  updateAllocation(
    framework: FrameworkId,
    agent: AgentId,
    offered: Resources,
    conversions: readonly ResourceConversion[],
  ): void;
  /** An operator's conversion of what nobody holds; an error when it does not apply. */
  updateAvailable(
    agent: AgentId,
    operations: readonly Offer.Operation[],
  ): Result<void> | Promise<Result<void>>;
  updateUnavailability(agent: AgentId, unavailability: Unavailability | undefined): void;
  updateInverseOffer(
    agent: AgentId,
    framework: FrameworkId,
    resources: UnavailableResources | undefined,
    status: InverseOfferStatus | undefined,
    filters: Filters | undefined,
  ): void;
  inverseOfferStatuses():
    | ReadonlyMap<AgentId, ReadonlyMap<FrameworkId, InverseOfferStatus>>
    | Promise<ReadonlyMap<AgentId, ReadonlyMap<FrameworkId, InverseOfferStatus>>>;
  /** Offered became launched: it now counts against quota as consumed. */
  transitionOfferedToAllocated(agent: AgentId, resources: Resources): void;
  /** Declined, rescinded, unused or freed. `filters` blocks the same from coming back at once. */
  recoverResources(
    framework: FrameworkId,
    agent: AgentId,
    resources: Resources,
    filters: Filters | undefined,
    isAllocated: boolean,
  ): void;
  suppressOffers(framework: FrameworkId, roles: ReadonlySet<string>): void;
  /** No roles: all of the framework's. */
  reviveOffers(framework: FrameworkId, roles: ReadonlySet<string>): void;
  updateQuota(role: string, quota: Quota): void;
  updateWeights(weights: readonly WeightInfo[]): void;
  /** A plain flag: requests made while paused are dropped, candidates kept. */
  pause(): void;
  resume(): void;
  /** Names and values of the moment, as `/metrics/snapshot` shows them. */
  metrics?(): ReadonlyMap<string, number>;
  /** A query without effect: why a framework gets no offers, under one role and of one agent or of any. */
  explain?(
    framework: FrameworkId,
    role?: string,
    agent?: AgentId,
  ): FrameworkExplanation | undefined | Promise<FrameworkExplanation | undefined>;
}

/** The only door of an allocator to the world. */
export interface AllocatorContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /**
   * Starts to measure something the operator watches; the function it gives ends it. Absent:
   * nothing is measured.
   */
  readonly startTimer?: ((name: AllocatorTimer) => () => void) | undefined;
}

/** A run's length, and how long it waited since it was asked for. */
export type AllocatorTimer = 'allocation_run' | 'allocation_run_latency';
