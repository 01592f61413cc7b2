import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { Quota } from '@mesita/sdk/module';
import { ResourceLimits, ResourceQuantities, Resources } from '@mesita/sdk/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HierarchicalAllocator } from './hierarchical-allocator.ts';
import { SeededRandom } from './testing/seeded-random.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

// A small cluster driven at random, with books of its own that know nothing of the allocator's.

const AGENTS = ['a1', 'a2', 'a3'];
const FRAMEWORKS = ['f1', 'f2', 'f3', 'f4'];
const ROLES = ['r1', 'r2', 'r2/x', 'r3'];
const LIMITED = 'r3';
const LIMIT = 'cpus:3;mem:300';

type Action =
  | {
      readonly kind: 'addAgent' | 'removeAgent' | 'deactivateAgent' | 'activateAgent';
      readonly who: number;
    }
  | {
      readonly kind: 'decline' | 'launch' | 'finish';
      readonly who: number;
      readonly seconds: number;
    }
  | { readonly kind: 'suppress' | 'revive' | 'deactivate' | 'activate'; readonly who: number }
  | { readonly kind: 'guarantee'; readonly who: number; readonly amount: number }
  | { readonly kind: 'tick'; readonly seconds: number };

const index = fc.nat({ max: 3 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'addAgent' as const,
      'removeAgent' as const,
      'deactivateAgent' as const,
      'activateAgent' as const,
    ),
    who: index,
  }),
  fc.record({
    kind: fc.constantFrom('decline' as const, 'launch' as const, 'finish' as const),
    who: index,
    seconds: fc.nat({ max: 4 }),
  }),
  fc.record({
    kind: fc.constantFrom(
      'suppress' as const,
      'revive' as const,
      'deactivate' as const,
      'activate' as const,
    ),
    who: index,
  }),
  fc.record({ kind: fc.constant('guarantee' as const), who: index, amount: fc.nat({ max: 4 }) }),
  fc.record({ kind: fc.constant('tick' as const), seconds: fc.integer({ min: 1, max: 4 }) }),
);

interface Held {
  readonly framework: string;
  readonly role: string;
  readonly agent: string;
  readonly resources: Resources;
}

class World {
  readonly clock = new VirtualClock();
  readonly allocator: HierarchicalAllocator;
  readonly log: string[] = [];
  readonly totals = new Map<string, Resources>();
  readonly inactive = new Set<string>();
  isLimited = true;
  open: Held[] = [];
  running: Held[] = [];
  #runOffers: Held[] = [];

  constructor(seed: number) {
    const fail = (text: string) => {
      throw new Error(text);
    };
    const log = { debug() {}, info() {}, warn() {}, error: fail };
    this.allocator = new HierarchicalAllocator({
      clock: this.clock,
      random: new SeededRandom(seed),
      log,
    });
    this.allocator.initialize(OPTIONS, {
      offer: (framework, roles) => {
        for (const [role, agents] of roles) {
          for (const [agent, resources] of agents) {
            this.#runOffers.push({ framework, role, agent, resources });
            this.log.push(`${this.clock.now()} ${framework} ${role} ${agent} ${resources}`);
          }
        }
      },
      inverseOffer() {},
    });
    this.allocator.updateQuota(LIMITED, quota('', LIMIT));
    for (const [i, name] of FRAMEWORKS.entries()) {
      const roles = [ROLES[i] as string, ROLES[(i + 1) % ROLES.length] as string];
      const info = {
        user: 'u',
        name,
        id: { value: name },
        roles,
        capabilities: [{ type: 'MULTI_ROLE' } as const],
      };
      this.allocator.addFramework(name as FrameworkId, info, new Map(), true, {
        suppressedRoles: new Set(),
      });
    }
    this.settle();
  }

  settle(): void {
    this.clock.settle();
    this.#check();
  }

  /** Nothing is offered twice, nothing out of nothing, and nobody beyond a limit. */
  #check(): void {
    const keys = this.#runOffers.map(
      ({ framework, role, agent }) => `${framework} ${role} ${agent}`,
    );
    if (this.#runOffers.length > 0) expect(new Set(keys).size).toBe(keys.length);
    this.open.push(...this.#runOffers);
    this.#runOffers = [];
    for (const [agent, total] of this.totals) {
      const out = [...this.open, ...this.running].filter((held) => held.agent === agent);
      const sum = Resources.sum(out.map(({ resources }) => resources.unallocate()));
      if (!total.contains(sum)) throw new Error(`${agent} has ${total}, and ${sum} is out`);
    }
    const limited = [...this.open, ...this.running].filter(({ role }) => role === LIMITED);
    const consumed = Resources.sum(limited.map(({ resources }) => resources)).quantities();
    if (this.isLimited) expect(unwrap(ResourceLimits.parse(LIMIT)).allows(consumed)).toBe(true);
    const metrics = this.allocator.metrics();
    const out = Resources.sum([...this.open, ...this.running].map(({ resources }) => resources));
    expect(metrics.get('allocator/mesos/resources/cpus/offered_or_allocated')).toBeCloseTo(
      out.scalar('cpus'),
    );
  }

  do(step: Action): void {
    const framework = FRAMEWORKS['who' in step ? step.who : 0] as FrameworkId;
    const agent = AGENTS[('who' in step ? step.who : 0) % AGENTS.length] as AgentId;
    if (step.kind === 'tick') this.#tick(step.seconds);
    else if (step.kind === 'addAgent') this.#addAgent(agent);
    else if (step.kind === 'removeAgent') this.#removeAgent(agent);
    else if (step.kind === 'activateAgent') this.#setActive(agent, true);
    else if (step.kind === 'deactivateAgent') this.#setActive(agent, false);
    else if (step.kind === 'decline') this.#giveBack(framework, step.seconds);
    else if (step.kind === 'launch') this.#launch(framework);
    else if (step.kind === 'finish') this.#finish(framework);
    else if (step.kind === 'suppress') this.allocator.suppressOffers(framework, new Set());
    else if (step.kind === 'activate') this.allocator.activateFramework(framework);
    else if (step.kind === 'deactivate') this.allocator.deactivateFramework(framework);
    else if (step.kind === 'guarantee') this.#guarantee(step.who, step.amount);
    this.settle();
  }

  #tick(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.clock.advance(1000);
      this.settle();
    }
  }

  #addAgent(agent: AgentId): void {
    if (this.totals.has(agent)) return;
    const total = unwrap(Resources.parse('cpus:4;mem:400;cpus(r1):1;mem(r1):100;ports:[1-9]'));
    this.totals.set(agent, total);
    const info = { hostname: agent, id: { value: agent } };
    const capabilities = [{ type: 'MULTI_ROLE' }, { type: 'HIERARCHICAL_ROLE' }] as const;
    this.allocator.addAgent(agent, info, capabilities, undefined, total, new Map());
  }

  #setActive(agent: AgentId, isActive: boolean): void {
    if (!this.totals.has(agent)) return;
    if (isActive) this.allocator.activateAgent(agent);
    else this.allocator.deactivateAgent(agent);
    if (isActive) this.inactive.delete(agent);
    else this.inactive.add(agent);
  }

  #removeAgent(agent: AgentId): void {
    if (!this.totals.delete(agent)) return;
    this.inactive.delete(agent);
    this.open = this.open.filter((held) => held.agent !== agent);
    this.running = this.running.filter((held) => held.agent !== agent);
    this.allocator.removeAgent(agent);
  }

  #giveBack(framework: FrameworkId, seconds: number): void {
    for (const { agent, resources } of this.#take(framework)) {
      this.allocator.recoverResources(
        framework,
        agent as AgentId,
        resources,
        { refuseSeconds: seconds },
        false,
      );
    }
  }

  #launch(framework: FrameworkId): void {
    for (const held of this.#take(framework)) {
      const task = unwrap(Resources.parse('cpus:1;mem:50')).allocate(held.role);
      const used = held.resources.contains(task) ? task : Resources.empty;
      const { agent, resources } = held;
      this.allocator.recoverResources(
        framework,
        agent as AgentId,
        resources.subtract(used),
        undefined,
        false,
      );
      if (used.isEmpty) continue;
      this.allocator.transitionOfferedToAllocated(agent as AgentId, used);
      this.running.push({ ...held, resources: used });
    }
  }

  #finish(framework: FrameworkId): void {
    const done = this.running.filter((held) => held.framework === framework);
    this.running = this.running.filter((held) => held.framework !== framework);
    for (const { agent, resources } of done) {
      this.allocator.recoverResources(framework, agent as AgentId, resources, undefined, true);
    }
  }

  #guarantee(who: number, amount: number): void {
    const role = ROLES[who] as string;
    if (role === LIMITED || role.includes('/')) return;
    this.allocator.updateQuota(role, quota(amount === 0 ? '' : `cpus:${amount}`, ''));
  }

  #take(framework: string): Held[] {
    const taken = this.open.filter((held) => held.framework === framework);
    this.open = this.open.filter((held) => held.framework !== framework);
    return taken;
  }
}

const OPTIONS = {
  allocationIntervalMs: 1000,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set<string>(),
  filterGpuResources: true,
  minAllocatable: [],
  recoveryTimeoutMs: 600_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 5,
  publishPerFrameworkMetrics: true,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};

function quota(guarantees: string, limits: string): Quota {
  return {
    guarantees: unwrap(ResourceQuantities.parse(guarantees)),
    limits: unwrap(ResourceLimits.parse(limits)),
  };
}

const actions = fc.array(action, { maxLength: 40 });

describe('whatever happens', () => {
  it('resources are conserved, offered once, and within limits', () => {
    fc.assert(
      fc.property(actions, fc.nat({ max: 99 }), (steps, seed) => {
        const world = new World(seed);
        for (const step of steps) world.do(step);
      }),
      { numRuns: 150 },
    );
  });

  it('equal seeds and events give equal offers', () => {
    fc.assert(
      fc.property(actions, fc.nat({ max: 99 }), (steps, seed) => {
        const [one, other] = [new World(seed), new World(seed)];
        for (const step of steps) one.do(step);
        for (const step of steps) other.do(step);
        expect(other.log).toEqual(one.log);
      }),
      { numRuns: 40 },
    );
  });

  it('a framework that revives is offered what is free within one run', () => {
    fc.assert(
      fc.property(actions, fc.nat({ max: 3 }), (steps, who) => {
        const world = new World(1);
        for (const step of steps) world.do(step);
        for (const role of ROLES) world.allocator.updateQuota(role, quota('', ''));
        world.isLimited = false;
        for (const id of FRAMEWORKS) world.allocator.suppressOffers(id as FrameworkId, new Set());
        const framework = FRAMEWORKS[who] as FrameworkId;
        world.allocator.activateFramework(framework);
        world.allocator.reviveOffers(framework, new Set());
        world.settle();
        for (const { id, unreserved } of freeAgents(world)) {
          if (!unreserved.isEmpty) throw new Error(`${id} still has ${unreserved}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a guarantee is met before anybody else is served, when somebody is there to take it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat({ max: 99 }), (cpus, seed) => {
        const world = new World(seed);
        world.allocator.updateQuota('r1', quota(`cpus:${cpus}`, ''));
        world.do({ kind: 'addAgent', who: 0 });
        const ofR1 = Resources.sum(
          world.open.filter(({ role }) => role === 'r1').map(({ resources }) => resources),
        );
        expect(ofR1.scalar('cpus')).toBeGreaterThanOrEqual(cpus);
      }),
    );
  });
});

/** Active agents and what of them nobody holds and anybody may have. */
function freeAgents(world: World): { id: string; unreserved: Resources }[] {
  return [...world.totals].flatMap(([id, total]) => {
    const out = [...world.open, ...world.running].filter(({ agent }) => agent === id);
    const free = total.subtract(Resources.sum(out.map(({ resources }) => resources.unallocate())));
    return world.inactive.has(id) ? [] : [{ id, unreserved: free.unreserved() }];
  });
}
