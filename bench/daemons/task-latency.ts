import { connect } from '../../mesita/src/scheduler/index.ts';
import type { Cluster } from '../../mesita/test/harness/cluster.ts';
import { commandTask, framework } from './tasks.ts';

/** Milliseconds from ACCEPT to TASK_RUNNING, one task after the other on one real agent. */
export async function taskLatency(cluster: Cluster, tasks: number): Promise<number[]> {
  const master = await cluster.startMaster('--allocation_interval=10ms');
  await cluster.startAgent({ master });
  const scheduler = connect({
    master: `127.0.0.1:${master.port}`,
    framework: framework('latency'),
  });
  const times: number[] = [];
  let accepted = 0;
  for await (const event of scheduler.events) {
    for (const offer of event.offers?.offers ?? []) {
      accepted = performance.now();
      const task = commandTask(`t-${times.length}-${offer.id.value}`, offer.agentId, 'true');
      await scheduler.call({
        type: 'ACCEPT',
        accept: {
          offerIds: [offer.id],
          operations: [{ type: 'LAUNCH', launch: { taskInfos: [task] } }],
          filters: { refuseSeconds: 10_000 },
        },
      });
    }
    const status = event.update?.status;
    if (!status) continue;
    if (status.state === 'TASK_RUNNING') times.push(performance.now() - accepted);
    if (status.uuid)
      await scheduler.call({
        type: 'ACKNOWLEDGE',
        acknowledge: { agentId: status.agentId!, taskId: status.taskId, uuid: status.uuid },
      });
    if (status.state === 'TASK_FINISHED') {
      const isLast = times.length >= tasks;
      await scheduler.call({ type: isLast ? 'TEARDOWN' : 'REVIVE' });
      if (isLast) break;
    }
  }
  return times;
}
