// Masters, agents and the store that elects, each on a machine of its own of one network.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createFolder, type Daemon, directories, spawnDaemon } from '../harness/cluster.ts';
import { startEtcd } from '../harness/etcd.ts';
import { createNetwork, type Network, type Place } from '../harness/network.ts';
import type { Ensemble } from '../harness/server-process.ts';
import { startZooKeeper } from '../harness/zookeeper.ts';

export type Engine = 'zookeeper' | 'etcd';

export interface Size {
  readonly engine: Engine;
  readonly servers: number;
  readonly masters: number;
  readonly agents: number;
  readonly session: string;
}

/** A daemon under a supervisor: started again whenever it has ended, unless it is held down. */
export interface Machine {
  readonly name: string;
  readonly place: Place;
  readonly port: number;
  readonly output: string;
  /** Of its start that is the newest. */
  readonly startedAt: number;
  signal(signal: NodeJS.Signals): void;
  /** By SIGKILL, or as told; it stays down until `raise`. */
  down(signal?: NodeJS.Signals): void;
  raise(): void;
}

export interface Machines {
  readonly network: Network;
  readonly store: Ensemble;
  readonly storePlaces: readonly Place[];
  readonly masters: readonly Machine[];
  readonly agents: readonly Machine[];
  /** Where masters are elected. */
  readonly url: string;
  readonly folder: string;
}

const MASTER_PORT = 5050;
const AGENT_PORT = 5051;
/** What a supervisor waits before it starts a daemon again. */
const RESTART_MS = 200;

export async function startMachines(size: Size): Promise<Machines> {
  const network = createNetwork();
  const folder = createFolder();
  const places = (what: string, count: number) =>
    Array.from({ length: count }, (_, i) => network.addPlace(`${what}-${i + 1}`));
  const storePlaces = places('store', size.servers);
  const isZooKeeper = size.engine === 'zookeeper';
  const startStore = isZooKeeper ? startZooKeeper : startEtcd;
  const store = await startStore(size.servers, storePlaces);
  const url = isZooKeeper
    ? `zk://mesos:secret@${store.hosts}/mesos`
    : `etcd://${store.hosts}/mesos`;
  const election = [isZooKeeper ? `--zk=${url}` : `--etcd=${url}`, `--registry=${size.engine}`];
  const masters = places('master', size.masters).map((place, i) =>
    supervise(`master-${i + 1}`, place, MASTER_PORT, 'mesos-master', [
      ...[`--ip=${place.host}`, `--port=${MASTER_PORT}`, `--hostname=${place.host}`],
      ...election,
      `--zk_session_timeout=${size.session}`,
      `--work_dir=${join(folder, `master-${i + 1}`)}`,
      '--allocation_interval=200ms',
      '--agent_ping_timeout=1secs',
      '--max_agent_ping_timeouts=6',
    ]),
  );
  const agents = places('agent', size.agents).map((place, i) =>
    supervise(`agent-${i + 1}`, place, AGENT_PORT, 'mesos-agent', [
      ...[`--ip=${place.host}`, `--port=${AGENT_PORT}`, `--hostname=${place.host}`],
      `--master=${url}`,
      `--zk_session_timeout=${size.session}`,
      ...directories(join(folder, `agent-${i + 1}`)),
      '--resources=cpus:1000;mem:1000000;disk:1000000',
    ]),
  );
  mkdirSync(join(folder, 'tasks'));
  return { network, store, storePlaces, masters, agents, url, folder };
}

function supervise(
  name: string,
  place: Place,
  port: number,
  command: string,
  flags: readonly string[],
): Machine {
  let daemon: Daemon;
  let isDown = false;
  let startedAt = 0;
  function start(): void {
    startedAt = performance.now();
    daemon = spawnDaemon(command, port, flags, place.prefix);
    void daemon.exited.then(() => {
      if (!isDown) setTimeout(start, RESTART_MS);
    });
  }
  start();
  return {
    name,
    place,
    port,
    get output() {
      return daemon.output();
    },
    get startedAt() {
      return startedAt;
    },
    signal: (signal) => void daemon.process.kill(signal),
    down(signal = 'SIGKILL') {
      isDown = true;
      daemon.process.kill(signal);
    },
    raise() {
      if (!isDown) return;
      isDown = false;
      void daemon.exited.then(start);
    },
  };
}
