import { createChecks, type Violation } from './checkers/checks.ts';
import { type Difference, findDifference, isBeyondReach } from './checkers/convergence.ts';
import { type Cluster, createCluster } from './cluster.ts';
import { openTasks } from './processes/framework-store.ts';
import type { FaultPoint } from './world/fault-points.ts';
import { createFaults } from './world/faults.ts';
import { createNetwork } from './world/network.ts';
import { createRandom } from './world/random.ts';
import type { Sabotage } from './world/sabotage.ts';
import { createTimeline } from './world/timeline.ts';
import { createTrace } from './world/trace.ts';
import type { Counts, SimulatedWorld, Weather } from './world/world.ts';

interface SimulationOptions {
  readonly seed: number;
  readonly masters: number;
  readonly agents: number;
  readonly frameworks: number;
  /** How long the storm lasts; healing and draining come on top. */
  readonly hours: number;
  /** Masters have little patience with agents: seconds, not minutes. */
  readonly isHasty?: boolean | undefined;
  readonly sabotage?: Sabotage | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface SimulationReport extends Counts {
  readonly seed: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly dropped: number;
  readonly hash: string;
  /** How often each named place was struck. */
  readonly struck: ReadonlyMap<FaultPoint, number>;
  readonly failure: { readonly text: string; readonly story: string } | undefined;
}

const hourMs = 3_600_000;
const startMs = Date.UTC(2020, 0, 1);
/** Longer than the longest back-off, of agents' updates, and the time that agents may be away. */
const patienceMs = 30 * 60_000;
const checkEveryMs = 5000;

/** Storm, healing, draining; the first broken rule ends it. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  let cluster: Cluster | undefined;
  const world = createWorld(options, () => cluster?.seat.leaderId());
  const { timeline, trace, checks } = world;
  cluster = createCluster(world, options);
  try {
    await storm(world, cluster, options.hours * hourMs);
    await heal(world, cluster);
    await drain(world, cluster);
  } catch (error) {
    // A core that threw: its assertion is as good as a checker's.
    if (!checks.violation) checks.fail(describe(error), []);
  }
  const { violation } = checks;
  return {
    seed: options.seed,
    ...world.counts,
    virtualMs: timeline.now() - startMs,
    events: timeline.done,
    dropped: world.network.dropped,
    hash: trace.hash(),
    struck: world.faults.struck,
    failure: violation && { text: violation.message, story: trace.story(violation.subjects) },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function createWorld(
  { seed, hours, isHasty = false, sabotage, onLine }: SimulationOptions,
  leaderId: () => string | undefined,
): SimulatedWorld {
  const timeline = createTimeline(startMs);
  const random = createRandom(String(seed));
  const trace = createTrace(startMs, onLine);
  const counts: Counts = {
    launched: 0,
    finished: 0,
    failed: 0,
    killed: 0,
    lost: 0,
    masterRestarts: 0,
    agentRestarts: 0,
    frameworkRestarts: 0,
    reboots: 0,
    partitions: 0,
    freezes: 0,
    clockJumps: 0,
    stepDowns: 0,
    terms: 0,
    brokenLinks: 0,
  };
  const world: SimulatedWorld = {
    timeline,
    random,
    trace,
    counts,
    network: createNetwork(timeline, random.fork('network')),
    mailboxes: new Map(),
    victims: new Map(),
    faults: createFaults(() => world, random.fork('faults'), hours * hourMs),
    checks: createChecks(() => counts, leaderId),
    startedAt: startMs,
    isHasty,
    sabotage,
    weather: 'STORMY',
    onCalm: [],
    hasPromises: false,
    note: (who, what) => trace.note(timeline.now(), who, what),
  };
  return world;
}

/** Lets time pass until `untilMs`, or until `isDone` says so at one of the regular checks. */
async function pass(
  world: SimulatedWorld,
  cluster: Cluster,
  untilMs: number,
  isDone: () => boolean = () => false,
): Promise<void> {
  const { timeline, checks } = world;
  while (timeline.now() < untilMs) {
    const next = Math.min(untilMs, timeline.now() + checkEveryMs);
    while (timeline.runNext(next)) {
      if (world.hasPromises) {
        world.hasPromises = false;
        await new Promise(setImmediate);
      }
      throwOn(checks.violation);
    }
    checkLeader(world, cluster);
    throwOn(checks.violation);
    if (isDone()) return;
  }
}

function checkLeader({ checks }: SimulatedWorld, { master, seat }: Cluster): void {
  if (!master || master.isFrozen) return;
  const { state, allocator, registrar } = master;
  checks.books.all(state, allocator);
  if (registrar.queued > 0 || master.epoch === undefined) return;
  checks.registry.compare(master.id, state, seat.stored(master.epoch));
}

function throwOn(violation: Violation | undefined): void {
  if (violation) throw violation;
}

async function storm(world: SimulatedWorld, cluster: Cluster, lengthMs: number): Promise<void> {
  await pass(world, cluster, world.timeline.now() + lengthMs);
}

function change(world: SimulatedWorld, weather: Weather): void {
  world.weather = weather;
  world.note('world', weather);
}

/** No more faults and launches: in the end all must agree, and what runs is what is believed. */
async function heal(world: SimulatedWorld, cluster: Cluster): Promise<void> {
  change(world, 'HEALING');
  for (const calm of world.onCalm) calm();
  await settle(world, cluster, () => {
    for (const framework of cluster.frameworks) framework.reconcile();
    return findDifference(cluster, world.checks.tasks);
  });
}

/** Every task ends, everything that was promised is told, and everybody is offered something. */
async function drain(world: SimulatedWorld, cluster: Cluster): Promise<void> {
  change(world, 'DRAINING');
  const before = cluster.frameworks.map(({ offersHeard }) => offersHeard);
  await settle(world, cluster, () => {
    for (const framework of cluster.frameworks) {
      framework.killAll();
      framework.reconcile();
      framework.revive();
    }
    return findUndrained(cluster, before) ?? findDifference(cluster, world.checks.tasks);
  });
  world.checks.updates.complete();
  throwOn(world.checks.violation);
}

function findUndrained(cluster: Cluster, before: readonly number[]): Difference | undefined {
  for (const [index, { name, store, offersHeard }] of cluster.frameworks.entries()) {
    const { master } = cluster;
    const open = openTasks(store).find(
      ({ agentId, state }) => !(master && isBeyondReach(master, agentId, state)),
    );
    if (open) return { text: `${open.id} of ${name} is ${open.state}`, subjects: [open.id] };
    if (!store.isJobDone) return { text: `the job of ${name} is not done`, subjects: [name] };
    if (offersHeard > (before[index] ?? 0)) continue;
    return { text: `${name} is offered nothing`, subjects: [name] };
  }
  return undefined;
}

async function settle(
  world: SimulatedWorld,
  cluster: Cluster,
  find: () => Difference | undefined,
): Promise<void> {
  let found: Difference | undefined = { text: 'nobody looked', subjects: [] };
  await pass(world, cluster, world.timeline.now() + patienceMs, () => {
    found = find();
    return found === undefined;
  });
  if (found) world.checks.fail(`not settled: ${found.text}`, found.subjects);
  throwOn(world.checks.violation);
}
