import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HierarchicalAllocator } from './hierarchical-allocator.ts';
import { SeededRandom } from './testing/seeded-random.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

// What must not matter: how ids are spelled, and in what order equal events come.

const COUNT = 6;
const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'];

interface Offer {
  readonly framework: string;
  readonly agent: string;
  readonly resources: Resources;
}

/** Frameworks of different weights and holdings, so that no two shares are equal. */
class Cluster {
  readonly clock = new VirtualClock();
  readonly #names: readonly string[];
  readonly #allocator: HierarchicalAllocator;
  open: Offer[] = [];

  /** `names`: of the frameworks and agents, by their number. */
  constructor(names: readonly string[]) {
    this.#names = names;
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const { clock } = this;
    this.#allocator = new HierarchicalAllocator({ clock, random: new SeededRandom(7), log });
    this.#allocator.initialize(
      {
        allocationIntervalMs: 1000,
        roleSorter: 'drf',
        frameworkSorter: 'drf',
        fairnessExcludedResourceNames: new Set(),
        filterGpuResources: true,
        minAllocatable: [],
        recoveryTimeoutMs: 1000,
        agentRecoveryFactor: 0.8,
        maxCompletedFrameworks: 5,
        publishPerFrameworkMetrics: false,
        regexMaxMemoryBytes: 4096,
        regexMaxProgramSize: 100,
      },
      {
        offer: (framework, roles) => {
          for (const agents of roles.values())
            for (const [agent, resources] of agents)
              this.open.push({ framework, agent, resources });
        },
        inverseOffer() {},
      },
    );
    this.#allocator.updateWeights([
      { role: 'one', weight: 1.3 },
      { role: 'two', weight: 2.9 },
    ]);
    for (let i = 0; i < COUNT; i++) this.#add(i);
    clock.settle();
  }

  #add(number: number): void {
    const [framework, agent] = this.idsOf(number);
    const role = number % 2 === 0 ? 'one' : 'two';
    const info = { user: 'u', name: framework, role };
    const options = { suppressedRoles: new Set<string>() };
    this.#allocator.addFramework(framework, info, new Map(), true, options);
    const total = resources(`cpus:${4 + number * 1.37};mem:${1000 + number * 171}`);
    const used = resources(`cpus:${0.1 + number * 0.113}`).allocate(role);
    const usedBy = new Map([[framework, used]]);
    this.#allocator.addAgent(agent, { hostname: agent }, [], undefined, total, usedBy);
  }

  idsOf(number: number): [FrameworkId, AgentId] {
    const name = this.#names[number];
    return [`f-${name}` as FrameworkId, `agent-${name}` as AgentId];
  }

  /** The offers since the last call, by the numbers of framework and agent. */
  take(): string[] {
    const { open } = this;
    this.open = [];
    const numberOf = (id: string) => this.#names.indexOf(id.slice(-1));
    return open
      .map(({ framework, agent, resources: offered }) =>
        [numberOf(framework), numberOf(agent), offered].join(' '),
      )
      .sort();
  }

  decline({ framework, agent, resources: offered }: Offer): void {
    this.#allocator.recoverResources(
      framework as FrameworkId,
      agent as AgentId,
      offered,
      undefined,
      false,
    );
  }
}

function resources(text: string): Resources {
  return unwrap(Resources.parse(text));
}

const anyOrder = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length });

describe('it does not matter', () => {
  it('how frameworks and agents are called, while no two shares are equal', () => {
    const plain = new Cluster(LETTERS);
    const expected = plain.take();
    expect(expected.length).toBe(COUNT);
    fc.assert(
      fc.property(anyOrder(LETTERS), (names) => {
        expect(new Cluster(names).take()).toEqual(expected);
      }),
    );
  });

  it('in which order offers come back', () => {
    const numbers = Array.from({ length: COUNT }, (_, i) => i);
    const playedIn = (order: readonly number[]) => {
      const cluster = new Cluster(LETTERS);
      const offers = [...cluster.open];
      cluster.take();
      for (const at of order) cluster.decline(offers[at] as Offer);
      cluster.clock.advance(1000);
      cluster.clock.settle();
      return cluster.take();
    };
    const expected = playedIn(numbers);
    expect(expected.length).toBe(COUNT);
    fc.assert(
      fc.property(anyOrder(numbers), (order) => {
        expect(playedIn(order)).toEqual(expected);
      }),
    );
  });
});
