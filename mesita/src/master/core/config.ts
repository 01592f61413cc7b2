import type { Random } from '@mesita/sdk/base';
import type { Hook } from '@mesita/sdk/module';
import type { MasterInfo, scheduler } from '@mesita/sdk/types';

/** What a master core is told once. Times in milliseconds. */
export interface MasterConfig {
  /** `id` prefixes every id that this master gives out. */
  readonly info: MasterInfo;
  readonly random: Random;
  readonly heartbeatIntervalMs: number;
  readonly agentPingTimeoutMs: number;
  readonly maxAgentPingTimeouts: number;
  readonly agentReregisterTimeoutMs: number;
  /** Offers without answer are rescinded after this time; undefined: never. */
  readonly offerTimeoutMs?: number | undefined;
  /** At least this long between two agents that are marked unreachable. Absent: no limit. */
  readonly agentRemovalIntervalMs?: number | undefined;
  readonly maxCompletedFrameworks: number;
  readonly maxCompletedTasksPerFramework: number;
  readonly maxUnreachableTasksPerFramework: number;
  readonly registryGcIntervalMs: number;
  readonly registryMaxAgentAgeMs: number;
  readonly registryMaxAgentCount: number;
  /** `--weights`, until the registry has some. */
  readonly weights?: ReadonlyMap<string, number> | undefined;
  /** Why constraints are refused, by the rules of the allocator in use. Pure. */
  readonly validateOfferConstraints?:
    | ((constraints: scheduler.OfferConstraints) => string | undefined)
    | undefined;
  /** Of the registry's agents, how many may be missing after a failover: 1 is all. */
  readonly recoveryAgentRemovalLimit: number;
  /** Moments at which hooks are installed; at others the core does not stop. */
  readonly hookedAt?: ReadonlySet<keyof Hook> | undefined;
  /** `--roles`; undefined allows all. */
  readonly rolesWhitelist?: ReadonlySet<string> | undefined;
  readonly rootSubmissions: boolean;
  /** Default true. */
  readonly publishPerFrameworkMetrics?: boolean | undefined;
  readonly requireAgentDomain: boolean;
  /** Scheduler drivers and agents must have proved who they are before they register. */
  readonly authenticateFrameworks: boolean;
  readonly authenticateAgents: boolean;
}

/** Defaults of the flags. */
export const defaultMasterConfig = {
  heartbeatIntervalMs: 15_000,
  agentPingTimeoutMs: 15_000,
  maxAgentPingTimeouts: 5,
  agentReregisterTimeoutMs: 10 * 60_000,
  maxCompletedFrameworks: 50,
  maxCompletedTasksPerFramework: 1000,
  maxUnreachableTasksPerFramework: 1000,
  registryGcIntervalMs: 15 * 60_000,
  registryMaxAgentAgeMs: 14 * 86_400_000,
  registryMaxAgentCount: 100 * 1024,
  recoveryAgentRemovalLimit: 1,
  rootSubmissions: true,
  requireAgentDomain: false,
  authenticateFrameworks: false,
  authenticateAgents: false,
} as const satisfies Omit<MasterConfig, 'info' | 'random'>;
