import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { AllocatorOptions, Quota } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo } from '@mesita/sdk/types';

/** What happens to a cluster, whatever its allocator decides. Times in milliseconds from its start. */
export interface Workload {
  /** One line for people: where it comes from. */
  readonly title: string;
  readonly endMs: number;
  readonly options: AllocatorOptions;
  readonly agents: readonly AgentPlan[];
  readonly frameworks: readonly FrameworkPlan[];
  readonly settings: readonly Setting[];
}

export interface AgentPlan {
  readonly id: AgentId;
  readonly info: AgentInfo;
  readonly capabilities: readonly AgentInfo.Capability[];
  readonly total: Resources;
  readonly joinsAtMs: number;
  readonly leavesAtMs?: number | undefined;
}

export interface FrameworkPlan {
  readonly id: FrameworkId;
  readonly info: FrameworkInfo;
  readonly roles: readonly string[];
  readonly joinsAtMs: number;
  readonly leavesAtMs?: number | undefined;
  /** Suppresses a role in which it wishes nothing, and revives it with the next wish. */
  readonly suppresses: boolean;
  /** For how long it refuses what it has no use for. */
  readonly refuseSeconds: number;
  /** By time. None: it declines everything. */
  readonly wishes: readonly Wish[];
}

/** A task that wants to run. */
export interface Wish {
  readonly atMs: number;
  readonly role: string;
  /** Allocated to the role. Wishes that are alike share the object. */
  readonly needs: Resources;
  /** How long it runs once it was launched. */
  readonly durationMs: number;
}

/** What an operator sets. */
export type Setting = { readonly atMs: number; readonly role: string } & (
  | { readonly weight: number }
  | { readonly quota: Quota }
);

/** A master's defaults, but that any amount is worth an offer. */
export const defaultOptions: AllocatorOptions = {
  allocationIntervalMs: 1000,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set(),
  filterGpuResources: true,
  minAllocatable: [],
  recoveryTimeoutMs: 600_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 50,
  publishPerFrameworkMetrics: false,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
  recoveredOfferDelayMs: 5,
};
