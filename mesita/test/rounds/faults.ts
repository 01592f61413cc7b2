// What befalls a cluster in one round, and how it is undone.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../../src/sim/world/random.ts';
import type { Place } from '../harness/network.ts';
import type { Machine, Machines } from './machines.ts';

interface Scene {
  readonly machines: Machines;
  readonly leader: Machine;
  readonly random: SeededRandom;
  readonly sessionMs: number;
}

/** Strikes, waits for as long as it shall last, and undoes what it did. */
type Fault = (scene: Scene) => Promise<void>;

export const faults: Readonly<Record<string, Fault>> = {
  'the leader is killed': async (scene) => stop(scene.leader, 'SIGKILL', scene),
  'the leader is asked to stop': async (scene) => stop(scene.leader, 'SIGTERM', scene),
  'a follower is killed': async (scene) => stop(follower(scene), 'SIGKILL', scene),
  'an agent is killed': async (scene) => stop(agent(scene), 'SIGKILL', scene),
  'the leader is frozen': async (scene) => freeze(scene.leader, scene),
  'a follower is frozen': async (scene) => freeze(follower(scene), scene),
  'an agent is frozen': async (scene) => freeze(agent(scene), scene),
  'the leader is cut from the store': async (scene) => cutStore(scene.leader, scene),
  'a follower is cut from the store': async (scene) => cutStore(follower(scene), scene),
  'an agent is cut from the store': async (scene) => cutStore(agent(scene), scene),
  'the leader is cut from an agent': async (scene) =>
    cut(scene, scene.leader.place, agent(scene).place),
  'the leader is cut from a follower': async (scene) =>
    cut(scene, scene.leader.place, follower(scene).place),
  'agents are cut from each other': async (scene) => {
    const [one, other] = scene.machines.agents;
    await cut(scene, one!.place, other!.place);
  },
  'the store is restarted': async ({ machines, random }) => {
    const { servers } = machines.store;
    await Promise.all(servers.map((server) => server.kill()));
    await sleep(random.between(0, 1_000));
    await Promise.all(servers.map((server) => server.start()));
  },
  'the store is frozen': async (scene) => {
    const { servers } = scene.machines.store;
    for (const server of servers) server.freeze();
    await last(scene);
    for (const server of servers) server.thaw();
  },
  'the leader and an agent are killed': async (scene) => {
    await Promise.all([
      stop(scene.leader, 'SIGKILL', scene),
      sleep(scene.random.between(0, 200)).then(() => stop(agent(scene), 'SIGKILL', scene)),
    ]);
  },
};

function follower({ machines, leader, random }: Scene): Machine {
  return random.pick(machines.masters.filter((machine) => machine !== leader));
}

function agent({ machines, random }: Scene): Machine {
  return random.pick(machines.agents);
}

/** From much shorter than a session to longer: both sides of what a session forgives. */
function last({ random, sessionMs }: Scene): Promise<void> {
  return sleep(random.between(0.2, 2) * sessionMs);
}

async function stop(machine: Machine, signal: NodeJS.Signals, scene: Scene): Promise<void> {
  machine.down(signal);
  await last(scene);
  machine.raise();
}

async function freeze(machine: Machine, scene: Scene): Promise<void> {
  machine.signal('SIGSTOP');
  await last(scene);
  machine.signal('SIGCONT');
}

async function cutStore(machine: Machine, scene: Scene): Promise<void> {
  await cut(scene, machine.place, ...scene.machines.storePlaces);
}

/** Both ways, or one of them. */
async function cut(scene: Scene, one: Place, ...others: readonly Place[]): Promise<void> {
  const { network } = scene.machines;
  const ways = scene.random.pick(['both', 'to', 'from']);
  for (const other of others) {
    if (ways !== 'from') network.cut(one, other);
    if (ways !== 'to') network.cut(other, one);
  }
  await last(scene);
  network.heal();
}
