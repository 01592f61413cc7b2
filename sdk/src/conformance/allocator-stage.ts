import type { AgentId, FrameworkId } from '../base/index.ts';
import type { Allocator, AllocatorOptions, OfferableResources } from '../module/index.ts';
import { ResourceQuantities, Resources } from '../resources/index.ts';
import type { Scene } from './scene.ts';

interface Offered {
  readonly framework: FrameworkId;
  readonly role: string;
  readonly agent: AgentId;
  readonly resources: Resources;
}

/** An allocator, and the master's part of the play: it holds what was offered until it gives it back. */
export interface Stage {
  readonly allocator: Allocator;
  /** Held now. */
  readonly offers: readonly Offered[];
  framework(name: string): FrameworkId;
  agent(name: string): AgentId;
  /** Subscribed to the role `<name>-role`. */
  addFramework(name: string, isActive?: boolean): void;
  /** With cpus:4;mem:1024. */
  addAgent(name: string): void;
  /** Cpus of the agent that are held. */
  offered(agent: string): number;
  /** Everything that is held, declined for so long. */
  giveBack(refuseSeconds: number): void;
  /** Lets several runs happen. */
  pass(): Promise<void>;
  waitForOffer(framework?: string): Promise<void>;
  expectNoOffer(): Promise<void>;
}

const options: AllocatorOptions = {
  allocationIntervalMs: 50,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set(),
  filterGpuResources: true,
  minAllocatable: [ResourceQuantities.fromThousandths([['cpus', 10]])],
  recoveryTimeoutMs: 1_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 0,
  publishPerFrameworkMetrics: false,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};

const total = Resources.of([
  { name: 'cpus', type: 'SCALAR', scalar: { value: 4 } },
  { name: 'mem', type: 'SCALAR', scalar: { value: 1024 } },
]);

/** In the world's time, which passes sooner than that of an allocator in another process. */
const SEVERAL_RUNS_MS = 2_000;

export async function startAllocator(scene: Scene<'Allocator'>): Promise<Stage> {
  const allocator = await scene.create();
  const offers: Offered[] = [];
  const framework = (name: string) => name as FrameworkId;
  const agent = (name: string) => name as AgentId;
  allocator.initialize(options, {
    offer: (id, resources) => void offers.push(...flatten(id, resources)),
    inverseOffer() {},
  });
  const pass = async () => {
    await scene.settle(
      () => new Promise<void>((done) => scene.world.context.clock.setTimer(SEVERAL_RUNS_MS, done)),
    );
  };
  return {
    ...{ allocator, offers, framework, agent, pass },
    addFramework(name, isActive = true) {
      const info = { user: 'u', name, roles: [`${name}-role`] };
      const multiRole = { ...info, capabilities: [{ type: 'MULTI_ROLE' as const }] };
      const suppressedRoles = new Set<string>();
      allocator.addFramework(framework(name), multiRole, new Map(), isActive, { suppressedRoles });
    },
    addAgent(name) {
      const capabilities = [{ type: 'MULTI_ROLE' as const }];
      const info = { id: { value: name }, hostname: name, resources: total.toMessages() };
      allocator.addAgent(agent(name), info, capabilities, undefined, total, new Map());
    },
    offered: (name) =>
      offers
        .filter((offer) => offer.agent === name)
        .reduce((sum, { resources }) => sum + resources.scalar('cpus'), 0),
    giveBack(refuseSeconds) {
      for (const offer of offers.splice(0)) {
        const { framework: id, agent: of, resources } = offer;
        allocator.recoverResources(id, of, resources, { refuseSeconds }, false);
      }
    },
    async waitForOffer(name) {
      const has = () => offers.some(({ framework: id }) => name === undefined || id === name);
      const found = await scene.settle(async () => {
        while (!has()) await new Promise((resolve) => setTimeout(resolve, 1));
      });
      scene.expect(`an offer for ${name ?? 'anybody'}`, found.state === 'answered', 'no offer');
    },
    async expectNoOffer() {
      const before = offers.length;
      await pass();
      scene.expect('no offer', offers.length === before, offers.slice(before));
    },
  };
}

function flatten(framework: FrameworkId, offer: OfferableResources): Offered[] {
  return [...offer].flatMap(([role, agents]) =>
    [...agents].map(([agent, resources]) => ({ framework, role, agent, resources })),
  );
}
