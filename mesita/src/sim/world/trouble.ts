import { serverHosts } from '../ensemble/address.ts';
import { drawFreezeMs, once } from './faults.ts';
import type { SeededRandom } from './random.ts';
import type { SimulatedWorld } from './world.ts';

/** What can be done to a cluster. Each answers at once and may take effect later. */
interface Targets {
  readonly masters: readonly string[];
  readonly agents: readonly string[];
  readonly frameworks: readonly string[];
  kill(host: string): void;
  /** As SIGTERM does: a master lets another one lead. */
  stepDown(host: string): void;
  /** The whole machine, with every process on it. */
  cutPower(host: string): void;
  jumpClock(host: string, byMs: number): void;
  stopServer(host: string): void;
  startServer(host: string): void;
}

/** Mean time between two faults of a kind, over the whole cluster. */
const everyMs = {
  link: 20_000,
  agent: 60_000,
  partition: 60_000,
  freeze: 90_000,
  clock: 120_000,
  server: 200_000,
  power: 400_000,
  stepDown: 500_000,
  master: 300_000,
} as const;

type Kind = keyof typeof everyMs;

/** Brings trouble until the weather changes. */
export function bringTrouble(world: SimulatedWorld, targets: Targets): void {
  const { timeline, network, counts } = world;
  const random = world.random.fork('trouble');
  const { masters, agents } = targets;
  const kinds: Readonly<Record<Kind, () => void>> = {
    link() {
      const broken = network.breakAny(random);
      if (broken === undefined) return;
      counts.brokenLinks++;
      world.note('network', `breaks ${broken}`);
    },
    agent: () => targets.kill(random.pick(agents)),
    partition: () => separate(world, random, drawSides(random, targets)),
    freeze() {
      const host = random.pick(random.chance(0.5) ? masters : agents);
      world.faults.freeze(host, drawFreezeMs(random));
    },
    clock() {
      const host = random.pick(random.chance(0.5) ? masters : agents);
      counts.clockJumps++;
      targets.jumpClock(host, random.between(-1, 1) * (random.chance(0.5) ? 5000 : 7_200_000));
    },
    server() {
      const host = random.pick(serverHosts);
      world.note(host, 'stops');
      targets.stopServer(host);
      const start = once(() => {
        world.note(host, 'goes on');
        targets.startServer(host);
      });
      timeline.setTimer(random.exponential(15_000), start);
      world.onCalm.push(start);
    },
    power: () => targets.cutPower(random.pick(random.chance(0.8) ? agents : masters)),
    stepDown: () => targets.stepDown(random.pick(masters)),
    master: () => targets.kill(random.pick(masters)),
  };
  for (const kind of Object.keys(everyMs) as Kind[]) {
    const wait = (): void => {
      timeline.setTimer(random.exponential(everyMs[kind]), () => {
        if (world.weather !== 'STORMY') return;
        kinds[kind]();
        wait();
      });
    };
    wait();
  }
}

interface Sides {
  readonly these: readonly string[];
  readonly those: readonly string[] | 'others';
}

/** One from all others, or some of a kind from some of another. */
function drawSides(random: SeededRandom, { masters, agents, frameworks }: Targets): Sides {
  const some = (hosts: readonly string[]) => {
    const chosen = hosts.filter(() => random.chance(0.5));
    return chosen.length > 0 ? chosen : [random.pick(hosts)];
  };
  const drawn = random.index(7);
  if (drawn === 0) return { these: [random.pick(agents)], those: 'others' };
  if (drawn === 1) return { these: [random.pick(masters)], those: 'others' };
  if (drawn === 2) return { these: [random.pick(serverHosts)], those: 'others' };
  if (drawn === 6) return { these: some(agents), those: some(serverHosts) };
  const those = drawn === 3 ? serverHosts : drawn === 4 ? agents : frameworks;
  return { these: some(masters), those: some(those) };
}

/** Mostly for a moment, sometimes longer than anybody waits. */
function separate(world: SimulatedWorld, random: SeededRandom, { these, those }: Sides): void {
  const isOneWay = random.chance(0.25);
  const what = `${these.join(', ')} ${isOneWay ? 'to' : 'and'} ${String(those)}`;
  world.counts.partitions++;
  world.note('network', `cuts ${what}`);
  const end = world.network.cut(these, those, isOneWay);
  const heal = once(() => {
    world.note('network', `heals ${what}`);
    end();
  });
  const isLong = random.chance(0.3);
  const lengthMs = isLong ? random.between(60_000, 900_000) : random.exponential(15_000);
  world.timeline.setTimer(lengthMs, heal);
  world.onCalm.push(heal);
}
