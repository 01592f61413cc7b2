import { readdirSync, readFileSync } from 'node:fs';
import { connect } from '../../mesita/src/scheduler/index.ts';
import type { Cluster, Daemon } from '../../mesita/test/harness/cluster.ts';
import { commandTask, framework } from './tasks.ts';

export function residentMegabytes(daemon: Daemon): number {
  return memoryOf(daemon).resident;
}

/** In megabytes; `most` since it was started. */
export function memoryOf({ process: child }: Daemon) {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { resident: megabytes('VmRSS'), most: megabytes('VmHWM') };
}

/**
 * Proportional memory of all that stands because of the tasks: the agent's growth, supervisors, and
 * the tasks' own processes.
 */
export async function idleTaskMemory(cluster: Cluster, tasks: number) {
  const master = await cluster.startMaster();
  const agent = await cluster.startAgent(
    { master, resources: 'cpus:1000;mem:1000000;disk:1000' },
    '--max_completed_executors_per_framework=1',
  );
  const before = proportionalKilobytes(agent.process.pid ?? 0);
  const scheduler = connect({ master: `127.0.0.1:${master.port}`, framework: framework('idle') });
  let running = 0;
  for await (const event of scheduler.events) {
    const offer = event.offers?.offers?.[0];
    if (offer && running === 0)
      await scheduler.call({
        type: 'ACCEPT',
        accept: {
          offerIds: [offer.id],
          operations: [
            {
              type: 'LAUNCH',
              launch: {
                taskInfos: Array.from({ length: tasks }, (_, i) =>
                  commandTask(`idle-${i}`, offer.agentId, 'exec sleep 1000'),
                ),
              },
            },
          ],
          filters: { refuseSeconds: 10_000 },
        },
      });
    const status = event.update?.status;
    if (status?.uuid)
      await scheduler.call({
        type: 'ACKNOWLEDGE',
        acknowledge: { agentId: status.agentId!, taskId: status.taskId, uuid: status.uuid },
      });
    if (status?.state === 'TASK_RUNNING' && ++running === tasks) break;
  }
  // The framework keeps its tasks for its failover timeout; garbage of the launches goes meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const agentGrowth = proportionalKilobytes(agent.process.pid ?? 0) - before;
  const others = descendants(agent.process.pid ?? 0, cluster.folder).map(proportionalKilobytes);
  const total = agentGrowth + others.reduce((a, b) => a + b, 0);
  return { tasks, megabytes: total / 1024 / tasks, agentMegabytes: agentGrowth / 1024 / tasks };
}

function proportionalKilobytes(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** What it has used of processors; on a busy machine this says more than the time that passed. */
export function cpuSecondsOf({ process: child }: Daemon): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksOfASecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksOfASecond;
}

/** Supervisors leave the agent's tree, so they are found by where they work. */
function descendants(agent: number, folder: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => {
    if (pid === agent || pid === process.pid) return false;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return (
        (environment.includes(folder) || command.includes('mesita-launcher')) &&
        !command.includes('mesos-master')
      );
    } catch {
      return false;
    }
  });
}
