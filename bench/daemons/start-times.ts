import type { Cluster } from '../../mesita/test/harness/cluster.ts';

/** Milliseconds from the spawn to the first answer, and to the registration. */
export async function startTimes(cluster: Cluster, rounds: number) {
  const master: number[] = [];
  const agent: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let started = performance.now();
    const first = await cluster.startMaster('--registry=in_memory');
    master.push(performance.now() - started);
    started = performance.now();
    const second = await cluster.startAgent({ master: first, name: `agent-${round}` });
    agent.push(performance.now() - started);
    await second.kill('SIGTERM');
    await first.kill('SIGTERM');
  }
  return { master, agent };
}
