// Three frameworks of different weights and one with a quota, all wanting more than there is.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTraceFile } from '../../src/lab/trace/file.ts';
import { workloadOf } from '../../src/lab/workload/from-trace.ts';
import { type Cluster, createCluster, type Daemon, getJson } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';
import { waitFor } from '../harness/wait.ts';

const CPUS = 200;
const TASKS = 100;
const TASK = { cpus: 2, mem: 100, command: 'sleep 1000' };

let cluster: Cluster;
let master: Daemon;
const frameworks = new Map<string, Framework>();
const trace = () => join(cluster.folder, 'trace.jsonl');

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster(
    '--registry=in_memory',
    '--allocation_interval=50ms',
    '--weights=one=1,two=2,three=3',
    `--record_allocations=${trace()}`,
  );
  const guarantees = { cpus: { value: 80 }, mem: { value: 4000 } };
  const quota = { force: true, quota_configs: [{ role: 'sure', guarantees }] };
  const answer = await fetch(`http://127.0.0.1:${master.port}/api/v1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'UPDATE_QUOTA', update_quota: quota }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  for (const role of ['one', 'two', 'three', 'sure'])
    frameworks.set(role, await subscribe(master.port, { info: { name: role, roles: [role] } }));
});
afterAll(async () => {
  for (const framework of frameworks.values()) framework.close();
  await cluster.stop();
});

/** Launches one task on each offer, whatever else it holds, until the agent is full. */
async function launchAlways(role: string, isFull: () => boolean, launched: Map<string, number>) {
  const framework = frameworks.get(role)!;
  while (!isFull()) {
    const offer = await framework.offer(undefined, TASK.cpus);
    const count = launched.get(role) ?? 0;
    launched.set(role, count + 1);
    await framework.accept(offer, [{ id: `${role}-${count}`, ...TASK }]);
  }
}

test('shares become what dominant resource fairness says', async () => {
  const launched = new Map<string, number>();
  const isFull = () => [...launched.values()].reduce((sum, count) => sum + count, 0) >= TASKS;
  await cluster.startAgent({ master, resources: `cpus:${CPUS};mem:${CPUS * 50}` });
  // Whoever gets nothing more waits in vain for an offer.
  for (const role of frameworks.keys()) launchAlways(role, isFull, launched).catch(() => {});
  await waitFor('a full agent', isFull, { timeoutMs: 90_000 });
  const shares = async () => {
    const { roles } = (await getJson(master.port, '/roles')) as {
      roles: readonly { name: string; allocated: { cpus?: number } }[];
    };
    return Object.fromEntries(
      roles.map(({ name, allocated }) => [name, (allocated.cpus ?? 0) / CPUS]),
    );
  };
  await waitFor(
    'everything to be launched',
    async () => Object.values(await shares()).reduce((sum, share) => sum + share, 0) > 0.999,
  );
  const reached = await shares();
  // 40 % are guaranteed; the rest goes by weights.
  for (const [role, share] of Object.entries({ sure: 0.4, one: 0.1, two: 0.2, three: 0.3 }))
    expect(Math.abs((reached[role] ?? 0) - share), `${role}: ${reached[role]}`).toBeLessThan(
      0.0101,
    );
});

test('the recording of it holds the same frameworks and tasks', async () => {
  await master.kill('SIGTERM');
  const workload = workloadOf(await readTraceFile(trace()), 'trace');
  expect(workload.agents.length).toBe(1);
  const tasks = workload.frameworks.map(({ info, wishes }) => [info.name, wishes.length]);
  const launched = [...frameworks.keys()].map((role) => [role, expect.any(Number)]);
  expect(tasks).toEqual(launched);
  expect(workload.frameworks.flatMap(({ wishes }) => wishes).length).toBe(TASKS);
  expect(workload.settings.map(({ role }) => role)).toEqual(
    expect.arrayContaining(['one', 'two', 'three', 'sure']),
  );
});
