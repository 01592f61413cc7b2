import type { Clock, Logger, Pid, Random } from '@mesita/sdk/base';
import { ResourceQuantities } from '@mesita/sdk/resources';
import type { MasterInfo } from '@mesita/sdk/types';
import { HierarchicalAllocator } from '../../allocator/hierarchical-allocator.ts';
import type { MasterEvent } from '../../master/core/events.ts';
import { logOf, type SimulatedWorld } from '../world/world.ts';

export function createAllocator(
  world: SimulatedWorld,
  name: string,
  clock: Clock,
  random: Random,
  post: (event: MasterEvent) => void,
): HierarchicalAllocator {
  const allocator = new HierarchicalAllocator({ clock, random, log: suspicious(world, name) });
  allocator.initialize(allocatorOptions, {
    offer: (frameworkId, resources) => post({ type: 'OffersMade', frameworkId, resources }),
    inverseOffer: (frameworkId, resources) =>
      post({ type: 'InverseOffersMade', frameworkId, resources }),
  });
  return allocator;
}

/** What the allocator is told must be about what it knows: all else is a bug of the master. */
function suspicious(world: SimulatedWorld, name: string): Logger {
  return {
    ...logOf(world, name),
    error: (text, fields) =>
      world.checks.fail(`the allocator says: ${text} ${JSON.stringify(fields)}`, [name]),
  };
}

export function masterInfo(host: string, generation: number): MasterInfo {
  const [ip = '', port] = host.split(':');
  const bytes = ip.split('.').map(Number);
  return {
    id: `00000000-0000-4000-8000-${String(generation).padStart(12, '0')}`,
    ip: Buffer.from(bytes).readUInt32LE(0),
    port: Number(port),
    pid: `master@${host}` as Pid,
    hostname: ip,
    version: '1.12.0',
    address: { hostname: ip, ip, port: Number(port) },
    capabilities: [{ type: 'AGENT_UPDATE' }],
  };
}

const allocatorOptions = {
  allocationIntervalMs: 1000,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set<string>(),
  filterGpuResources: true,
  minAllocatable: [
    ResourceQuantities.fromScalars({ cpus: { value: 0.01 } }),
    ResourceQuantities.fromScalars({ mem: { value: 32 } }),
  ],
  recoveryTimeoutMs: 600_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 50,
  publishPerFrameworkMetrics: false,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};
