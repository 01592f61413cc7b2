// A leader that was just elected: every agent of a large cluster comes back at once, with its tasks.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRecords } from '../mesita/src/master/core/registry/encoding.ts';
import { fromWhole } from '../mesita/src/master/core/registry/whole.ts';
import { openLocalStorage } from '../mesita/src/storage/local.ts';
import { withCheckpoint } from '../mesita/src/wire/v0.ts';
import { createCluster, type Daemon, getJson, waitFor } from '../mesita/test/harness/cluster.ts';
import { importBundled } from './bundled.ts';
import { cpuSecondsOf, memoryOf } from './daemons/memory.ts';
import { agentInfo } from './failover/agent-info.ts';
import { print } from './print.ts';

const TASKS_OF_AN_AGENT = 10;

/** Rows: numbers of agents. */
export async function failoverBench(rows: readonly string[]): Promise<void> {
  for (const agents of rows.length === 0 ? [40_000] : rows.map(Number)) await measure(agents);
}

async function measure(agents: number): Promise<void> {
  const cluster = createCluster();
  try {
    await fillRegistry(join(cluster.folder, 'master'), agents);
    const began = performance.now();
    const master = await cluster.startMaster('--registry=local', '--quiet');
    print(`start with ${agents} agents in the registry`, seconds(began), 'no aim');
    const before = memoryOf(master);
    const used = cpuSecondsOf(master);
    const emulate = await importBundled<typeof import('./failover/returning-agents.ts')>(
      new URL('failover/returning-agents.ts', import.meta.url),
    );
    const size = { agents, tasksOfAnAgent: TASKS_OF_AN_AGENT };
    const { start, close } = await emulate.prepareAgents(`127.0.0.1:${master.port}`, size);
    const sent = performance.now();
    await start();
    print(
      `${agents} agents re-registered`,
      seconds(sent),
      'aim 12 s for 40,000; Mesos 1.5: about 19 s',
    );
    await waitFor('all tasks to be known', () => isComplete(master, agents), master, 120_000);
    print(
      `${agents * TASKS_OF_AN_AGENT} tasks shown running`,
      seconds(sent),
      'from the first message',
    );
    const cpu = `${(cpuSecondsOf(master) - used).toFixed(1)} s of processors`;
    print('the master has used', cpu, 'all threads');
    const { resident, most } = memoryOf(master);
    print(
      'memory of the master',
      `${resident} MB, at most ${most} MB`,
      `${before.resident} MB before`,
    );
    await close();
  } finally {
    await cluster.stop();
  }
}

async function fillRegistry(workDir: string, count: number): Promise<void> {
  mkdirSync(workDir);
  const storage = await openLocalStorage(join(workDir, 'registry'));
  const agents = Array.from({ length: count }, (_, index) => ({
    info: withCheckpoint(agentInfo(index)),
  }));
  await storage.commit({ epoch: 1, changes: encodeRecords(fromWhole({ agents: { agents } })) });
  await storage.close();
}

async function isComplete(master: Daemon, agents: number): Promise<boolean> {
  const metrics = (await getJson(master.port, '/metrics/snapshot')) as Record<string, number>;
  return (
    metrics['master/slaves_active'] === agents &&
    metrics['master/tasks_running'] === agents * TASKS_OF_AN_AGENT
  );
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
