// Registry operations a second, and how long each takes, in a cluster of 55,000 agents.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import type { AgentInfo } from '@mesita/sdk/types';
import { systemClock, systemRandom } from '../mesita/src/actor/clock.ts';
import { encodeRecords } from '../mesita/src/master/core/registry/encoding.ts';
import type { RegistryOperation } from '../mesita/src/master/core/registry/operation.ts';
import { fromWhole } from '../mesita/src/master/core/registry/whole.ts';
import { createRegistrar, type Registrar } from '../mesita/src/master/registrar.ts';
import { openEtcdStorage } from '../mesita/src/storage/etcd.ts';
import { createInMemoryStorage } from '../mesita/src/storage/in-memory.ts';
import { openLocalStorage } from '../mesita/src/storage/local.ts';
import type { Storage } from '../mesita/src/storage/storage.ts';
import { openZooKeeperStorage } from '../mesita/src/storage/zookeeper.ts';
import { readElectionUrl } from '../mesita/src/wire/election-url.ts';
import { hasEtcd, startEtcd } from '../mesita/test/harness/etcd.ts';
import type { Ensemble } from '../mesita/test/harness/server-process.ts';
import { hasZooKeeper, startZooKeeper } from '../mesita/test/harness/zookeeper.ts';
import { percentile, print } from './print.ts';

const AGENTS = 55_000;
const OPERATIONS = 20_000;

/** Operations that are under way at once: what a burst of agents brings. */
const AT_ONCE = [1, 32];

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const info = { id: 'bench', ip: 1, port: 5050, hostname: 'localhost' };

/** Opens a store, in the directory where it keeps its files. */
type Open = (directory: string) => Promise<Storage>;

const stores: Readonly<Record<string, (use: (open: Open) => Promise<void>) => Promise<void>>> = {
  in_memory: (use) => use(async () => createInMemoryStorage()),
  local: (use) => use((directory) => openLocalStorage(directory)),
  zookeeper: (use) =>
    onServer(
      hasZooKeeper,
      () => startZooKeeper(1, undefined, 1024),
      use,
      (hosts) => {
        const address = readElectionUrl(`zk://${hosts}/bench`);
        return openZooKeeperStorage({ address, timeoutMs: 10_000, random: systemRandom, log });
      },
    ),
  etcd: (use) =>
    onServer(hasEtcd, startEtcd, use, (hosts) =>
      openEtcdStorage(readElectionUrl(`etcd://${hosts}/bench`)),
    ),
};

/** One server beside us, as the tests have it: it does not wait for its disk. */
async function onServer(
  isThere: () => boolean,
  start: () => Promise<Ensemble>,
  use: (open: Open) => Promise<void>,
  open: (hosts: string) => Storage,
): Promise<void> {
  if (!isThere()) return;
  const ensemble = await start();
  try {
    await use(async () => open(ensemble.hosts));
  } finally {
    await ensemble.stop();
  }
}

export async function registryBench(rows: string[]): Promise<void> {
  const names = rows.length > 0 ? rows : Object.keys(stores);
  for (const name of names) {
    const store = stores[name];
    if (!store) throw new Error(`no store '${name}': one of ${Object.keys(stores).join(', ')}`);
    const directory = mkdtempSync(join(tmpdir(), 'mesita-bench-'));
    try {
      await store((open) => measureStore(name, () => open(join(directory, 'registry'))));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

async function measureStore(name: string, open: () => Promise<Storage>): Promise<void> {
  let storage = await open();
  const agents = Array.from({ length: AGENTS }, (_, index) => ({ info: agentInfo(index) }));
  const changes = encodeRecords(fromWhole({ agents: { agents } }));
  const filling = performance.now();
  await storage.commit({ epoch: 1, changes });
  print(`${name}: ${AGENTS} agents, written at once`, `${elapsed(filling)} ms`, 'no aim');
  if (name !== 'in_memory') {
    await storage.close();
    storage = await open();
  }
  const registrar = createRegistrar({
    store: storage,
    timeouts: { fetchMs: 60_000, storeMs: 60_000 },
    clock: systemClock,
    log,
  });
  const recovering = performance.now();
  await registrar.recover(info, name === 'in_memory' || name === 'local' ? undefined : 2);
  print(`${name}: recovery`, `${elapsed(recovering)} ms`, 'no aim');
  for (const atOnce of AT_ONCE) await measureOperations(name, registrar, atOnce);
  await registrar.close();
}

async function measureOperations(name: string, registrar: Registrar, atOnce: number) {
  const total = Math.min(OPERATIONS, 2000 * atOnce);
  const latencies: number[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < total) {
      const operation = operationOf(next++);
      const asked = performance.now();
      if (!(await registrar.apply(operation))) throw new Error(`refused: ${operation.type}`);
      latencies.push(performance.now() - asked);
    }
  }
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  const perSecond = Math.round((total / (performance.now() - began)) * 1000);
  const [p50, p99] = [percentile(latencies, 50), percentile(latencies, 99)];
  const figure = `${perSecond} operations/s, p50 ${p50} ms, p99 ${p99} ms`;
  print(`${name}: ${atOnce} at once`, figure, 'aims: 2000/s, p99 20 ms');
}

/** Agents that lose their connection and come back, one after the other. */
function operationOf(index: number): RegistryOperation {
  const agent = agentInfo((index >> 1) % AGENTS);
  return index % 2 === 0
    ? { type: 'MarkAgentUnreachable', id: agent.id!, time: { nanoseconds: BigInt(index) } }
    : { type: 'MarkAgentReachable', info: agent };
}

function agentInfo(index: number): AgentInfo {
  const scalar = (name: string, value: number) =>
    ({ name, type: 'SCALAR', scalar: { value }, role: '*' }) as const;
  return {
    id: { value: `0a8a8d0d-6f5e-4e4e-9a7b-1f1e5a4c2b3d-S${index}` },
    hostname: `agent-${index}.example.com`,
    port: 5051,
    resources: [scalar('cpus', 32), scalar('mem', 131_072), scalar('disk', 1_000_000)],
    attributes: [{ name: 'rack', type: 'TEXT', text: { value: `r${index % 40}` } }],
  };
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
