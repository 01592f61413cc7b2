// A master's flags as what its core and its allocator are told.

import { unwrap } from '@mesita/sdk/base';
import type { AllocatorOptions } from '@mesita/sdk/module';
import { parseRoles } from '@mesita/sdk/resources';
import type { scheduler } from '@mesita/sdk/types';
import { systemRandom } from '../actor/clock.ts';
import {
  type OfferConstraints,
  parseOfferConstraints,
} from '../allocator/constraints/offer-constraints.ts';
import type { MasterConfig } from '../master/core/config.ts';
import {
  type MasterFlags,
  parseMinAllocatable,
  parsePercentage,
  parseRateLimit,
  parseWeights,
} from '../master/flags.ts';
import { formatPid } from '../wire/pid.ts';
import { type Daemon, mesosVersion } from './daemon.ts';

/** The values were checked when the flags were read. */
export function masterConfig({ flags, address }: Daemon<MasterFlags>): MasterConfig {
  const whitelist =
    flags.roles === undefined ? undefined : new Set(['*', ...unwrap(parseRoles(flags.roles))]);
  return {
    info: {
      id: systemRandom.uuid(),
      ip: packedIp(address.ip),
      port: address.port,
      pid: formatPid('master', address.ip, address.port),
      hostname: address.hostname,
      version: mesosVersion,
      address: { hostname: address.hostname, ip: address.ip, port: address.port },
      domain: flags.domain,
      capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
    },
    random: systemRandom,
    heartbeatIntervalMs: 15_000,
    agentPingTimeoutMs: flags.agentPingTimeout,
    maxAgentPingTimeouts: flags.maxAgentPingTimeouts,
    agentReregisterTimeoutMs: flags.agentReregisterTimeout,
    agentRemovalIntervalMs: removalInterval(flags.agentRemovalRateLimit),
    offerTimeoutMs: flags.offerTimeout,
    maxCompletedFrameworks: flags.maxCompletedFrameworks,
    maxCompletedTasksPerFramework: flags.maxCompletedTasksPerFramework,
    maxUnreachableTasksPerFramework: flags.maxUnreachableTasksPerFramework,
    registryGcIntervalMs: flags.registryGcInterval,
    registryMaxAgentAgeMs: flags.registryMaxAgentAge,
    registryMaxAgentCount: flags.registryMaxAgentCount,
    weights:
      flags.weights === undefined ? undefined : unwrap(parseWeights(flags.weights, whitelist)),
    validateOfferConstraints(constraints) {
      const parsed = parseConstraints(constraints, flags);
      return parsed.ok ? undefined : parsed.error;
    },
    recoveryAgentRemovalLimit: unwrap(parsePercentage(flags.recoveryAgentRemovalLimit)),
    rolesWhitelist: whitelist,
    rootSubmissions: flags.rootSubmissions,
    requireAgentDomain: flags.requireAgentDomain,
    authenticateFrameworks: flags.authenticateFrameworks,
    authenticateAgents: flags.authenticateAgents,
  };
}

/** `1/10mins`: one agent in ten minutes. */
function removalInterval(limit: string | undefined): number | undefined {
  if (limit === undefined) return undefined;
  const { permits, per } = unwrap(parseRateLimit(limit));
  return per / permits;
}

function parseConstraints(constraints: scheduler.OfferConstraints, flags: MasterFlags) {
  return parseOfferConstraints(constraints, {
    maxMemoryBytes: flags.offerConstraintsRe2MaxMem,
    maxProgramSize: flags.offerConstraintsRe2MaxProgramSize,
  });
}

/** They were validated when they came. */
export function readConstraints(
  constraints: scheduler.OfferConstraints,
  flags: MasterFlags,
): OfferConstraints | undefined {
  const parsed = parseConstraints(constraints, flags);
  return parsed.ok ? parsed.value : undefined;
}

/** The address as MasterInfo carries it: the four bytes, the first one lowest. */
function packedIp(ip: string): number {
  const [a = 0, b = 0, c = 0, d = 0] = ip.split('.').map(Number);
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

/** Long enough for what comes back together to be offered together. No default of the flag: `/flags` shows what Mesos' does. */
const EVENT_DELAY_MS = 5;

export function allocatorOptions(flags: MasterFlags): AllocatorOptions {
  const { allocationEventDelay: eventDelay = EVENT_DELAY_MS } = flags;
  return {
    allocationIntervalMs: flags.allocationInterval,
    roleSorter: flags.roleSorter,
    frameworkSorter: flags.frameworkSorter,
    fairnessExcludedResourceNames: new Set(flags.fairSharingExcludedResourceNames ?? []),
    filterGpuResources: flags.filterGpuResources,
    minAllocatable: unwrap(parseMinAllocatable(flags.minAllocatableResources)),
    domain: flags.domain,
    recoveryTimeoutMs: flags.allocatorRecoveryTimeout,
    agentRecoveryFactor: flags.allocatorAgentRecoveryFactor,
    maxCompletedFrameworks: flags.maxCompletedFrameworks,
    publishPerFrameworkMetrics: flags.publishPerFrameworkMetrics,
    regexMaxMemoryBytes: flags.offerConstraintsRe2MaxMem,
    regexMaxProgramSize: flags.offerConstraintsRe2MaxProgramSize,
    recoveredOfferDelayMs: eventDelay < flags.allocationInterval ? eventDelay : undefined,
    corrections: flags.allocatorCorrections,
  };
}
