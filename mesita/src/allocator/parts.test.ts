import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { AllocatorOptions } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import { describe, expect, it } from 'vitest';
import { HierarchicalAllocator } from './hierarchical-allocator.ts';
import type { AllocatorParts } from './parts.ts';
import { SeededRandom } from './testing/seeded-random.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const OPTIONS: AllocatorOptions = {
  allocationIntervalMs: 1000,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set(),
  filterGpuResources: true,
  minAllocatable: [],
  recoveryTimeoutMs: 600_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 50,
  publishPerFrameworkMetrics: true,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};

function cluster(parts: AllocatorParts) {
  const clock = new VirtualClock();
  const errors: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (text: string) => void errors.push(text) };
  const allocator = new HierarchicalAllocator({ clock, random: new SeededRandom(1), log }, parts);
  const offers: string[] = [];
  allocator.initialize(OPTIONS, {
    offer(framework, roles) {
      for (const [role, agents] of roles) {
        for (const [agent, resources] of agents)
          offers.push(`${framework} ${role} ${agent} ${resources.unallocate()}`);
      }
    },
    inverseOffer() {},
  });
  return {
    allocator,
    errors,
    framework(id: string, role: string) {
      const info = { user: 'u', name: id, roles: [role], capabilities: [MULTI_ROLE] };
      const options = { suppressedRoles: new Set<string>() };
      allocator.addFramework(id as FrameworkId, info, new Map(), true, options);
    },
    agent(id: string, total: string, attributes: AgentInfo['attributes'] = []) {
      const capabilities = [MULTI_ROLE, { type: 'HIERARCHICAL_ROLE' } as const];
      const resources = unwrap(Resources.parse(total));
      const info = { hostname: id, attributes };
      allocator.addAgent(id as AgentId, info, capabilities, undefined, resources, new Map());
    },
    run(): string[] {
      clock.advance(1000);
      clock.settle();
      return offers.splice(0);
    },
  };
}

const MULTI_ROLE = { type: 'MULTI_ROLE' } as const;

describe('parts of the allocator', () => {
  it('a sorter decides who is asked first, at each level', () => {
    const last = cluster({
      sorter: { sort: (siblings) => siblings.map(({ path }) => path).reverse() },
    });
    for (const id of ['f1', 'f2']) last.framework(id, 'a/x');
    last.framework('f3', 'b');
    last.framework('f4', 'a/y');
    last.agent('agent', 'cpus:1');
    expect(last.run()).toEqual(['f3 b agent cpus:1']);
  });

  it('an order of agents decides which one is given away first', () => {
    const packed = cluster({
      agentOrder: {
        order: (agents) =>
          [...agents]
            .sort((a, b) => a.available.scalar('cpus') - b.available.scalar('cpus'))
            .map(({ id }) => id),
      },
    });
    packed.allocator.pause();
    for (const [id, cpus] of [
      ['big', 8],
      ['small', 1],
      ['middle', 4],
    ] as const)
      packed.agent(id, `cpus:${cpus}`);
    packed.allocator.resume();
    packed.framework('f1', 'a');
    expect(packed.run()).toEqual(['f1 a small cpus:1', 'f1 a middle cpus:4', 'f1 a big cpus:8']);
  });

  it('a filter holds offers back, and its reason is part of the explanation', () => {
    let isOpen = false;
    const pools = cluster({
      offerFilters: [
        {
          refuse: ({ agentInfo: { hostname } }) => (isOpen ? undefined : `${hostname} is reserved`),
        },
      ],
    });
    pools.framework('f1', 'a');
    pools.agent('agent', 'cpus:1');
    expect(pools.run()).toEqual([]);
    const [role] = pools.allocator.explain('f1' as FrameworkId)?.roles ?? [];
    expect(role?.agents).toEqual([
      { agent: 'agent', gate: 'MODULE_FILTER', reason: 'agent is reserved' },
    ]);
    isOpen = true;
    expect(pools.run()).toEqual(['f1 a agent cpus:1']);
  });

  it('a policy of quota decides how much a role may have', () => {
    const ceiling = cluster({
      quotaPolicy: {
        left: (role, name) => (name === 'cpus' ? 3000 - role.consumed(name) : Infinity),
      },
    });
    ceiling.framework('f1', 'a');
    ceiling.agent('one', 'cpus:2');
    ceiling.agent('two', 'cpus:2');
    expect(
      ceiling
        .run()
        .map((offer) => offer.split(' ').at(-1))
        .sort(),
    ).toEqual(['cpus:1', 'cpus:2']);
  });

  it('what they throw is logged, and they have no say', () => {
    const fail = () => {
      throw new Error('broken');
    };
    const broken = cluster({
      sorter: { sort: fail },
      agentOrder: { order: fail },
      offerFilters: [{ refuse: fail }],
      quotaPolicy: { left: fail },
    });
    broken.framework('f1', 'a');
    broken.framework('f2', 'a');
    broken.agent('agent', 'cpus:1');
    expect(broken.run()).toHaveLength(1);
    expect(new Set(broken.errors)).toEqual(new Set(['part of the allocator failed']));
  });
});
