// The running daemons: how soon they are ready, what they weigh, how fast tasks go through them.
import { type Cluster, createCluster } from '../mesita/test/harness/cluster.ts';
import { launchRate } from './daemons/launch-rate.ts';
import { idleTaskMemory, residentMegabytes } from './daemons/memory.ts';
import { startTimes } from './daemons/start-times.ts';
import { taskLatency } from './daemons/task-latency.ts';
import { percentile, print } from './print.ts';

const parts: Readonly<Record<string, (cluster: Cluster) => Promise<void>>> = {
  start: benchStart,
  latency: benchLatency,
  memory: benchMemory,
  launches: benchLaunches,
};

export async function daemonsBench(names: readonly string[]): Promise<void> {
  for (const [name, run] of Object.entries(parts)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const cluster = createCluster();
    try {
      await run(cluster);
    } finally {
      await cluster.stop();
    }
  }
}

async function benchStart(cluster: Cluster): Promise<void> {
  const { master, agent } = await startTimes(cluster, 7);
  print('master: start to ready', `${percentile(master, 50)} ms median`, 'aim 600; C++ 55–64');
  print('agent: start to registered', `${percentile(agent, 50)} ms median`, 'aim 600; C++ 61–69');
  const running = await cluster.startMaster();
  const agentDaemon = await cluster.startAgent({ master: running, name: 'idle' });
  await settle();
  print('master: idle memory', `${residentMegabytes(running)} MB resident`, 'aim 90; C++ 64.5');
  print('agent: idle memory', `${residentMegabytes(agentDaemon)} MB resident`, 'aim 90; C++ 65.6');
}

async function benchLatency(cluster: Cluster): Promise<void> {
  const times = await taskLatency(cluster, 100);
  print(
    'command task: ACCEPT to RUNNING',
    `p50 ${percentile(times, 50)} ms, p99 ${percentile(times, 99)} ms`,
    'aim p50 30; C++ about 130',
  );
}

async function benchMemory(cluster: Cluster): Promise<void> {
  const { megabytes, agentMegabytes, tasks } = await idleTaskMemory(cluster, 500);
  print(
    `memory of an idle task, ${tasks} on one agent`,
    `${megabytes.toFixed(2)} MB, of which ${agentMegabytes.toFixed(2)} MB in the agent`,
    'aim 2, everything counted',
  );
}

async function benchLaunches(cluster: Cluster): Promise<void> {
  const { tasks, seconds } = await launchRate(cluster, { agents: 100, tasks: 20_000 });
  print(
    'launches through one master, 100 emulated agents',
    `${Math.round(tasks / seconds)} tasks/s (${tasks} in ${seconds.toFixed(1)} s)`,
    'aim 2000; C++ 323 through one executor',
  );
}

/** Garbage of the start is gone by then. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 3_000));
