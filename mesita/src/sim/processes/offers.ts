import { isRevocable } from '@mesita/sdk/resources';
import type { ExecutorInfo, Offer, Resource, scheduler, TaskInfo } from '@mesita/sdk/types';
import { JOB } from '../world/machine.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { addTask, type FrameworkStore } from './framework-store.ts';
import type { Personality } from './personality.ts';

interface Chooser {
  readonly world: SimulatedWorld;
  readonly random: SeededRandom;
  readonly personality: Personality;
  readonly store: FrameworkStore;
  readonly call: (call: Omit<scheduler.Call, 'frameworkId'>) => void;
}

const taskCpus = [0.1, 0.25, 0.5, 1] as const;
const executorShare = { cpus: 0.1, mem: 32 };

/** Each offer is declined, or used for a few tasks; what is left over is filtered for a while. */
export function answerOffers(chooser: Chooser, offers: readonly Offer[]): void {
  const { world, random, personality, store, call } = chooser;
  const filters = { refuseSeconds: random.exponential(30) };
  const declined: Offer[] = [];
  for (const offer of offers) {
    world.checks.books.offered(offer);
    const isWanted =
      world.weather === 'STORMY' &&
      store.open.size < personality.appetite &&
      !random.chance(personality.declines);
    const taskInfos = isWanted ? fill(chooser, offer) : jobOf(chooser, offer);
    if (taskInfos.length === 0) {
      declined.push(offer);
      continue;
    }
    world.counts.launched += taskInfos.length;
    const operations = [{ type: 'LAUNCH', launch: { taskInfos } }] as const;
    call({ type: 'ACCEPT', accept: { offerIds: [offer.id], operations, filters } });
  }
  const offerIds = declined.map(({ id }) => id);
  if (offerIds.length > 0) call({ type: 'DECLINE', decline: { offerIds, filters } });
}

/** What is left of one offer. */
interface Purse {
  readonly templates: ReadonlyMap<string, Resource>;
  readonly left: Map<string, number>;
}

type Amounts = Readonly<Record<string, number>>;

/** Of each name either what can be revoked or what cannot: no task may have both. */
function openPurse({ resources = [] }: Offer, prefersRevocable: boolean): Purse {
  // The last one of a name stays.
  const rank = (resource: Resource) => Number(isRevocable(resource) === prefersRevocable);
  const scalars = resources
    .filter(({ type }) => type === 'SCALAR')
    .sort((a, b) => rank(a) - rank(b));
  return {
    templates: new Map(scalars.map((resource) => [resource.name, resource])),
    left: new Map(scalars.map(({ name, scalar }) => [name, scalar?.value ?? 0])),
  };
}

function take({ templates, left }: Purse, amounts: Amounts): Resource[] | undefined {
  const parts = Object.entries(amounts);
  if (parts.some(([name, amount]) => (left.get(name) ?? 0) < amount)) return undefined;
  return parts.map(([name, value]) => {
    left.set(name, Math.round(((left.get(name) ?? 0) - value) * 1000) / 1000);
    return { ...(templates.get(name) as Resource), scalar: { value } };
  });
}

function fill(chooser: Chooser, offer: Offer): TaskInfo[] {
  const { random, personality } = chooser;
  const purse = openPurse(offer, random.chance(0.5));
  const tasks: TaskInfo[] = [];
  for (let count = 1 + random.index(4); count > 0; count--) {
    const executor = random.chance(personality.usesExecutors)
      ? executorOf(chooser, offer, purse)
      : undefined;
    const resources = take(purse, { cpus: random.pick(taskCpus), mem: 64 * (1 + random.index(3)) });
    if (resources) tasks.push(taskOf(chooser, offer, resources, executor));
  }
  return tasks;
}

/** When all is over, one task that must end well. */
function jobOf(chooser: Chooser, offer: Offer): TaskInfo[] {
  const { world, store } = chooser;
  if (world.weather !== 'DRAINING' || store.isJobDone || store.job !== undefined) return [];
  const resources = take(openPurse(offer, false), { cpus: 0.1, mem: 32 });
  if (!resources) return [];
  const task = { ...taskOf(chooser, offer, resources, undefined), name: JOB };
  store.job = task.taskId.value;
  return [task];
}

/** Often one that is there already: then its share is not asked for again. */
function executorOf(
  { random, store, personality }: Chooser,
  { agentId, executorIds = [] }: Offer,
  purse: Purse,
): ExecutorInfo | undefined {
  const [known] = executorIds;
  const kept = known && store.executors.get(`${agentId.value} ${known.value}`);
  if (kept && random.chance(0.7)) return kept;
  const resources = take(purse, executorShare);
  if (!resources) return undefined;
  const value = `${personality.info.name}-e${store.nextId++}`;
  const made: ExecutorInfo = {
    type: 'CUSTOM',
    executorId: { value },
    frameworkId: { value: store.frameworkId ?? '' },
    command: { value: './executor' },
    resources,
  };
  store.executors.set(`${agentId.value} ${value}`, made);
  return made;
}

/** Written down before it is asked for: whoever takes over must know of it. */
function taskOf(
  { store, personality }: Chooser,
  { agentId }: Offer,
  resources: readonly Resource[],
  executor: ExecutorInfo | undefined,
): TaskInfo {
  const id = `${personality.info.name}-t${store.nextId++}`;
  const executorId = executor?.executorId.value;
  addTask(store, { id, agentId: agentId.value, executorId, state: undefined });
  return {
    name: 'task',
    taskId: { value: id },
    agentId,
    resources,
    ...(executor ? { executor } : { command: { value: 'work' } }),
  };
}
