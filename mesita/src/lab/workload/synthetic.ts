import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import { ResourceLimits, type ResourceQuantities, Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import { createRandom, type SeededRandom } from '../../sim/world/random.ts';
import {
  type AgentPlan,
  defaultOptions,
  type FrameworkPlan,
  type Setting,
  type Wish,
  type Workload,
} from './workload.ts';

export interface SyntheticOptions {
  readonly agents: number;
  readonly frameworks: number;
  readonly minutes: number;
  readonly seed: number;
  readonly roles: readonly RolePlan[];
  /** Wanted share of the cluster; above 1 somebody always waits. */
  readonly load: number;
}

export interface RolePlan {
  readonly name: string;
  readonly weight: number;
  readonly guarantees?: ResourceQuantities | undefined;
}

// Sizes of machines, with how often they are met.
const MACHINES = [
  ...Array<string>(5).fill('cpus:16;mem:65536;disk:500000'),
  ...Array<string>(3).fill('cpus:32;mem:131072;disk:1000000'),
  ...Array<string>(2).fill('cpus:64;mem:131072;disk:1000000'),
].map((text) => unwrap(Resources.parse(text)));

const SERVICE_PART = 0.3;
const MEDIAN_SECONDS = 45;
const SIGMA = 1;
const MEAN_TASK_SECONDS = MEDIAN_SECONDS * Math.exp(SIGMA ** 2 / 2);
const JOB_SIZE = 12;

/** What frameworks do; the shares of all of them add up to 1. */
const HABITS = [
  { name: 'batch', share: 0.5, suppresses: true },
  { name: 'eager', share: 0.2, suppresses: false },
  { name: 'service', share: 0.2, suppresses: true },
  { name: 'idle', share: 0.1, suppresses: false },
] as const;
type Habit = (typeof HABITS)[number];

/**
 * Services that come early and stay, batch jobs of many tasks that come and go, and a few idle
 * frameworks that decline whatever they are offered. Half of the frameworks want memory above all.
 */
export function createSynthetic(options: SyntheticOptions): Workload {
  const { minutes, roles, seed, load } = options;
  const chance = createRandom(`workload ${seed}`);
  const endMs = minutes * 60_000;
  const agents = Array.from({ length: options.agents }, (_, i) => agentPlan(i, chance));
  const capacity = agents.reduce((sum, { total }) => sum + total.scalar('cpus'), 0);
  const habits = Array.from({ length: options.frameworks }, (_, i) => habitOf(i));
  const workers = habits.filter(({ name }) => name === 'batch' || name === 'eager').length;
  const services = habits.filter(({ name }) => name === 'service').length;
  const demand = {
    batchCpus: (capacity * load * (services === 0 ? 1 : 1 - SERVICE_PART)) / Math.max(1, workers),
    serviceCpus: (capacity * load * SERVICE_PART) / Math.max(1, services),
  };
  const frameworks = habits.map((habit, i) => {
    const { name: role } = roles[i % roles.length] as RolePlan;
    return frameworkPlan({ index: i, habit, role, endMs, demand }, chance.fork(`framework ${i}`));
  });
  return {
    title: `synthetic, seed ${seed}: ${plural(agents.length, 'agent')}, ${plural(frameworks.length, 'framework')}, load ${load}`,
    endMs,
    options: defaultOptions,
    agents,
    frameworks,
    settings: roles.flatMap(settingsOf),
  };
}

/** Spread evenly over frameworks and roles, in the wanted proportions. */
function habitOf(index: number): Habit {
  const at = ((index * 0.618034) % 1) + 1e-9;
  let sum = 0;
  for (const habit of HABITS) {
    sum += habit.share;
    if (at < sum) return habit;
  }
  return HABITS[0];
}

function settingsOf({ name: role, weight, guarantees }: RolePlan): Setting[] {
  const settings: Setting[] = weight === 1 ? [] : [{ atMs: 0, role, weight }];
  if (guarantees !== undefined) {
    settings.push({ atMs: 0, role, quota: { guarantees, limits: ResourceLimits.unlimited } });
  }
  return settings;
}

const CAPABILITIES: readonly AgentInfo.Capability[] = [
  { type: 'MULTI_ROLE' },
  { type: 'HIERARCHICAL_ROLE' },
  { type: 'RESERVATION_REFINEMENT' },
];

function agentPlan(index: number, chance: SeededRandom): AgentPlan {
  const id = `agent-${index}` as AgentId;
  return {
    id,
    info: { hostname: `host-${index}`, id: { value: id } },
    capabilities: CAPABILITIES,
    total: chance.pick(MACHINES),
    // They register over the first seconds, as after a start of the cluster.
    joinsAtMs: Math.floor(chance.next() * 2000),
  };
}

interface FrameworkTraits {
  readonly index: number;
  readonly habit: Habit;
  readonly role: string;
  readonly endMs: number;
  readonly demand: { readonly batchCpus: number; readonly serviceCpus: number };
}

function frameworkPlan(traits: FrameworkTraits, chance: SeededRandom): FrameworkPlan {
  const { index, habit, role } = traits;
  const id = `framework-${String(index).padStart(4, '0')}` as FrameworkId;
  const name = `${habit.name}-${index}`;
  return {
    id,
    info: {
      user: 'root',
      name,
      id: { value: id },
      roles: [role],
      capabilities: [{ type: 'MULTI_ROLE' }],
    },
    roles: [role],
    joinsAtMs: Math.floor(chance.next() * 5000),
    suppresses: habit.suppresses,
    refuseSeconds: 5,
    wishes: wishesOf(traits, chance),
  };
}

function wishesOf(
  { index, habit, role, endMs, demand }: FrameworkTraits,
  chance: SeededRandom,
): Wish[] {
  const size = createTaskSize(role, index % 2 === 0, chance);
  if (habit.name === 'idle') return [];
  const wishes: Wish[] = [];
  if (habit.name === 'service') {
    for (let left = demand.serviceCpus; left > 0; ) {
      const { cpus, needs } = size();
      left -= cpus;
      const atMs = Math.floor(chance.next() * Math.min(60_000, endMs / 4));
      wishes.push({ atMs, role, needs, durationMs: endMs });
    }
    return wishes.sort((a, b) => a.atMs - b.atMs);
  }
  const jobsPerMs = demand.batchCpus / (size.meanCpus * MEAN_TASK_SECONDS * 1000 * JOB_SIZE);
  for (let at = chance.exponential(1 / jobsPerMs); at < endMs; ) {
    const tasks = 1 + Math.floor(chance.exponential(JOB_SIZE - 0.5));
    const { needs } = size();
    for (let i = 0; i < tasks; i++) {
      const durationMs = Math.ceil(1000 * logNormal(chance, MEDIAN_SECONDS, SIGMA));
      wishes.push({ atMs: Math.floor(at), role, needs, durationMs });
    }
    at += chance.exponential(1 / jobsPerMs);
  }
  return wishes;
}

/** Positive and skewed: most are small, a few very large. */
function logNormal(chance: SeededRandom, median: number, sigma: number): number {
  const normal =
    Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
  return median * Math.exp(sigma * normal);
}

const CPUS = [0.5, 1, 1, 2, 2, 4, 8];

function createTaskSize(role: string, wantsMemory: boolean, chance: SeededRandom) {
  const memoryPerCpu = wantsMemory ? 6144 : 1024;
  const sizes = CPUS.map((cpus) => ({
    cpus,
    needs: unwrap(Resources.parse(`cpus:${cpus};mem:${cpus * memoryPerCpu}`)).allocate(role),
  }));
  const meanCpus = CPUS.reduce((sum, cpus) => sum + cpus, 0) / CPUS.length;
  return Object.assign(() => chance.pick(sizes), { meanCpus });
}

function plural(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

/** `prod=2,batch,dev=0.5`: names of roles with their weights. */
export function parseRolePlans(
  text: string,
  guarantees: ReadonlyMap<string, ResourceQuantities>,
): RolePlan[] {
  const plans = text.split(',').map((part) => {
    const [name = '', weight = '1'] = part.split('=');
    if (name === '' || !(Number(weight) > 0)) throw new Error(`'${part}' is no role=weight`);
    return { name, weight: Number(weight), guarantees: guarantees.get(name) };
  });
  for (const role of guarantees.keys()) {
    if (!plans.some(({ name }) => name === role)) throw new Error(`'${role}' is none of the roles`);
  }
  return plans;
}
