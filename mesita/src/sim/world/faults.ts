import type { Clock } from '@mesita/sdk/base';
import type { SeededRandom } from './random.ts';
import type { SimulatedWorld } from './world.ts';

/** What can be done to a cluster. Each answers at once and may take effect later. */
interface Victims {
  readonly hosts: readonly string[];
  readonly agents: number;
  killMaster(): void;
  killAgent(index: number): void;
  /** The whole machine, with every process on it. */
  rebootMachine(index: number): void;
}

/** Mean time between two faults of a kind, over the whole cluster. */
const everyMs = {
  link: 20_000,
  agent: 60_000,
  partition: 100_000,
  reboot: 400_000,
  master: 500_000,
} as const;

/** Brings trouble until the weather changes. */
export function sendFaults(world: SimulatedWorld, victims: Victims): void {
  const { timeline, network, counts } = world;
  const random = world.random.fork('faults');
  const kinds: Readonly<Record<keyof typeof everyMs, () => void>> = {
    link() {
      const broken = network.breakAny(random);
      if (broken === undefined) return;
      counts.brokenLinks++;
      world.note('network', `breaks ${broken}`);
    },
    agent: () => victims.killAgent(random.index(victims.agents)),
    partition() {
      counts.partitions++;
      isolate(world, timeline, random, random.pick(victims.hosts));
    },
    reboot: () => victims.rebootMachine(random.index(victims.agents)),
    master: () => victims.killMaster(),
  };
  for (const kind of Object.keys(everyMs) as (keyof typeof everyMs)[]) {
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

/** Mostly for a moment, sometimes longer than anybody waits. */
function isolate(world: SimulatedWorld, clock: Clock, random: SeededRandom, host: string): void {
  world.note('network', `cuts off ${host}`);
  world.network.partition(host);
  const lengthMs = random.chance(0.3)
    ? random.between(60_000, 900_000)
    : random.exponential(15_000);
  let isOver = false;
  const heal = (): void => {
    if (isOver) return;
    isOver = true;
    world.note('network', `heals ${host}`);
    world.network.heal(host);
  };
  clock.setTimer(lengthMs, heal);
  world.onCalm.push(heal);
}
