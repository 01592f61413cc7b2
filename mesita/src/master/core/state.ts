import type { AgentId, FrameworkId, Instant, OfferId, Pid } from '@mesita/sdk/base';
import type { Quota } from '@mesita/sdk/module';
import type { MasterInfo, maintenance, TimeInfo } from '@mesita/sdk/types';
import type { Agent, RecoveredAgent } from './agent.ts';
import type { MasterConfig } from './config.ts';
import type { Framework } from './framework.ts';
import type { InverseOfferRecord, OfferRecord } from './offer.ts';

export type * from './agent.ts';
export type * from './framework.ts';
export type * from './offer.ts';
export type * from './task.ts';

/** Gone or unreachable: when, and what an operator had asked of it. */
export interface UnreachableAgent {
  readonly since: TimeInfo;
  readonly deactivated: boolean;
  readonly drain?: RecoveredAgent['drain'];
}

/**
 * The books of a master. Only functions of this file change its maps; everybody may read. Every
 * agent is in at most one of `registered`, `recovered`, `unreachable` and `gone`.
 */
export interface MasterState {
  readonly info: MasterInfo;
  readonly startedAt: Instant;
  electedAt?: Instant | undefined;
  leader?: MasterInfo | undefined;
  /** The registry was read: agents and frameworks are served. */
  recovered: boolean;

  readonly agents: {
    readonly registered: Map<AgentId, Agent>;
    readonly byPid: Map<Pid, Agent>;
    readonly recovered: Map<AgentId, RecoveredAgent>;
    readonly unreachable: Map<AgentId, UnreachableAgent>;
    readonly gone: Map<AgentId, TimeInfo>;
    /** Left cleanly; bounded, the oldest go. */
    readonly removed: Set<AgentId>;
    /** Waiting for the registry: requests that come meanwhile are dropped, and retried by agents. */
    readonly registering: Set<Pid>;
    readonly reregistering: Set<AgentId>;
    readonly removing: Set<AgentId>;
    readonly markingUnreachable: Set<AgentId>;
    readonly markingGone: Set<AgentId>;
  };
  readonly frameworks: {
    readonly registered: Map<FrameworkId, Framework>;
    /** Bounded, oldest first. */
    readonly completed: Map<FrameworkId, Framework>;
    /** Roles with subscribed frameworks, or with frameworks that still hold something there. */
    readonly roles: Map<string, Set<FrameworkId>>;
  };
  readonly offers: Map<OfferId, OfferRecord>;
  readonly inverseOffers: Map<OfferId, InverseOfferRecord>;

  readonly weights: Map<string, number>;
  readonly quotas: Map<string, Quota>;
  schedules: readonly maintenance.Schedule[];

  readonly counters: Map<string, number>;
  readonly next: { agent: number; framework: number; offer: number; observer: number };
}

export function createState(config: MasterConfig, now: Instant): MasterState {
  return {
    info: config.info,
    startedAt: now,
    recovered: false,
    agents: {
      registered: new Map(),
      byPid: new Map(),
      recovered: new Map(),
      unreachable: new Map(),
      gone: new Map(),
      removed: new Set(),
      registering: new Set(),
      reregistering: new Set(),
      removing: new Set(),
      markingUnreachable: new Set(),
      markingGone: new Set(),
    },
    frameworks: { registered: new Map(), completed: new Map(), roles: new Map() },
    offers: new Map(),
    inverseOffers: new Map(),
    weights: new Map(),
    quotas: new Map(),
    schedules: [],
    counters: new Map(),
    next: { agent: 0, framework: 0, offer: 0, observer: 1 },
  };
}
