import type { AgentId, FrameworkId } from '../../base/index.ts';
import type { ResourceQuantities, Resources } from '../../resources/index.ts';
import type { AgentInfo, FrameworkInfo } from '../../types/index.ts';
import type { Quota } from './allocator.ts';

// Parts of the built-in allocator that can be exchanged one by one. All are asked within a run and
// answer at once, from what they are given: the same question must have the same answer within one
// run. One that throws is logged and counts as if it had nothing to say.

/** A role among its siblings, or a framework within its role. */
export interface SorterClient {
  /** Of a role, its name from the top; of a framework, its id. */
  readonly path: string;
  readonly weight: number;
  /** All scalars that it, and whoever is below it, was offered or holds. */
  readonly allocation: ResourceQuantities;
  /** How often something was offered to it. */
  readonly allocations: number;
}

/** Decides in what order roles, and frameworks within a role, are asked. */
export interface AllocatorSorter {
  /**
   * Called for each agent and level of the tree that has more than one client that wants something.
   * Gives their paths in order; who is left out comes last.
   */
  sort(siblings: readonly SorterClient[], totals: ResourceQuantities): readonly string[];
}

/** An offer that nothing built-in stands against. */
export interface OfferCandidate {
  readonly agent: AgentId;
  readonly agentInfo: AgentInfo;
  readonly framework: FrameworkId;
  readonly frameworkInfo: FrameworkInfo;
  readonly role: string;
  /** Not yet allocated. */
  readonly resources: Resources;
}

/** A gate more, after the built-in ones. */
export interface OfferFilter {
  /** Why not, for people to read in an explanation; undefined lets it pass. Called for each offer. */
  refuse(offer: OfferCandidate): string | undefined;
}

export interface OrderedAgent {
  readonly id: AgentId;
  readonly info: AgentInfo;
  readonly total: Resources;
  readonly available: Resources;
}

/** Decides which agents are given away first; without it, chance does. */
export interface AgentOrder {
  /** Called twice in a run, with the agents that have something to give; who is left out comes last. */
  order(agents: readonly OrderedAgent[]): readonly AgentId[];
}

export interface QuotaRole {
  readonly path: string;
  /** Undefined for a top-level role. */
  readonly parent: QuotaRole | undefined;
  readonly quota: Quota | undefined;
  /** What counts against its quota, its subtree included; in thousandths. */
  consumed(name: string): number;
}

/** Decides how much more a role may be offered. Guarantees are not its business. */
export interface QuotaPolicy {
  /** In thousandths, infinity where there is no limit. Called for each offer and name. */
  left(role: QuotaRole, name: string): number;
}
