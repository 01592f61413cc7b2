// A cluster to benchmark an allocator on: virtual time, offers collected as they come.

import type { AgentId, FrameworkId, Logger } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { AllocatorOptions, Quota } from '@mesita/sdk/module';
import { ResourceLimits, ResourceQuantities, Resources } from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo } from '@mesita/sdk/types';
import { HierarchicalAllocator } from '../../mesita/src/allocator/hierarchical-allocator.ts';
import { SeededRandom } from '../../mesita/src/allocator/testing/seeded-random.ts';
import { VirtualClock } from '../../mesita/src/allocator/testing/virtual-clock.ts';

interface Offered {
  readonly framework: FrameworkId;
  readonly agent: AgentId;
  readonly resources: Resources;
}

const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (text, fields) => console.error(text, fields),
};

export const AGENT_CAPABILITIES: AgentInfo.Capability[] = [
  { type: 'MULTI_ROLE' },
  { type: 'HIERARCHICAL_ROLE' },
  { type: 'RESERVATION_REFINEMENT' },
  { type: 'RESOURCE_PROVIDER' },
];

export class Cluster {
  readonly clock = new VirtualClock();
  readonly allocator = new HierarchicalAllocator({
    clock: this.clock,
    random: new SeededRandom(7),
    log: SILENT,
  });
  readonly frameworks: FrameworkId[] = [];
  readonly agents: AgentInfo[] = [];
  offers: Offered[] = [];
  /** How often offers were sent to a framework. */
  callbacks = 0;

  constructor(options: Partial<AllocatorOptions> = {}) {
    this.allocator.initialize(
      {
        allocationIntervalMs: 1000,
        roleSorter: 'drf',
        frameworkSorter: 'drf',
        fairnessExcludedResourceNames: new Set(),
        filterGpuResources: true,
        minAllocatable: [quantities('cpus:0.01'), quantities('mem:32')],
        recoveryTimeoutMs: 600_000,
        agentRecoveryFactor: 0.8,
        maxCompletedFrameworks: 50,
        publishPerFrameworkMetrics: true,
        regexMaxMemoryBytes: 4096,
        regexMaxProgramSize: 100,
        ...options,
      },
      {
        offer: (framework, roles) => {
          this.callbacks++;
          for (const agents of roles.values()) {
            for (const [agent, resources] of agents)
              this.offers.push({ framework, agent, resources });
          }
        },
        inverseOffer() {},
      },
    );
  }

  addFramework(
    name: string,
    roles: readonly string[],
    capabilities: readonly string[] = [],
  ): FrameworkId {
    const id = name as FrameworkId;
    const types = ['MULTI_ROLE', ...capabilities];
    const info: FrameworkInfo = {
      user: 'user',
      name,
      id: { value: name },
      roles,
      capabilities: types.map((type) => ({
        type: type as NonNullable<FrameworkInfo.Capability['type']>,
      })),
    };
    this.allocator.addFramework(id, info, new Map(), true, { suppressedRoles: new Set() });
    this.frameworks.push(id);
    return id;
  }

  addAgent(
    name: string,
    total: Resources,
    used: ReadonlyMap<FrameworkId, Resources> = new Map(),
  ): AgentId {
    const id = name as AgentId;
    const info: AgentInfo = { hostname: name, id: { value: name } };
    this.allocator.addAgent(id, info, AGENT_CAPABILITIES, undefined, total, used);
    this.agents.push(info);
    return id;
  }

  settle(): void {
    this.clock.settle();
  }

  /** One batch cycle. */
  cycle(): void {
    this.clock.advance(1000);
    this.clock.settle();
  }

  /** The offers since the last call. */
  takeOffers(): Offered[] {
    const { offers } = this;
    this.offers = [];
    return offers;
  }

  get runs(): number {
    return this.allocator.metrics().get('allocator/mesos/allocation_runs') ?? 0;
  }
}

export function resources(text: string): Resources {
  return unwrap(Resources.parse(text));
}

function quantities(text: string): ResourceQuantities {
  return unwrap(ResourceQuantities.parse(text));
}

export function quota(text: string): Quota {
  return { guarantees: quantities(text), limits: unwrap(ResourceLimits.parse(text)) };
}

/** The range in single numbers with gaps between, the last one up to its end. */
export function fragments(begin: number, end: number, count: number): string {
  const parts: string[] = [];
  for (let i = 0; i < count; i++)
    parts.push(`${begin + 2 * i}-${i === count - 1 ? end : begin + 2 * i}`);
  return `[${parts.join(',')}]`;
}
