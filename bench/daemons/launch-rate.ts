import type { Offer } from '@mesita/sdk/types';
import type { Call } from '@mesita/sdk/types/scheduler';
import { connect } from '../../mesita/src/scheduler/index.ts';
import type { Cluster } from '../../mesita/test/harness/cluster.ts';
import { emulateAgents } from './emulated-agents.ts';
import { commandTask, framework } from './tasks.ts';

/** Small tasks as fast as offers come, through a real master to agents that answer at once. */
export async function launchRate(cluster: Cluster, size: { agents: number; tasks: number }) {
  const master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=50ms');
  const agents = await emulateAgents(`127.0.0.1:${master.port}`, size.agents);
  const scheduler = connect({ master: `127.0.0.1:${master.port}`, framework: framework('rate') });
  // What is on its way when the last task ends is of no interest.
  const send = (call: Call) => scheduler.call(call).catch(() => undefined);
  const batch = 20;
  let launched = 0;
  let finished = 0;
  let started = 0;
  for await (const event of scheduler.events) {
    for (const offer of event.offers?.offers ?? []) {
      started ||= performance.now();
      const count = Math.min(batch, room(offer), size.tasks - launched);
      if (count === 0) continue;
      const first = launched;
      launched += count;
      void send({
        type: 'ACCEPT',
        accept: {
          offerIds: [offer.id],
          operations: [
            {
              type: 'LAUNCH',
              launch: {
                taskInfos: Array.from({ length: count }, (_, i) =>
                  commandTask(`t-${first + i}`, offer.agentId, 'true'),
                ),
              },
            },
          ],
          filters: { refuseSeconds: 0 },
        },
      });
    }
    const status = event.update?.status;
    if (!status) continue;
    if (status.uuid)
      void send({
        type: 'ACKNOWLEDGE',
        acknowledge: { agentId: status.agentId!, taskId: status.taskId, uuid: status.uuid },
      });
    if (status.state === 'TASK_FINISHED' && ++finished === size.tasks) break;
  }
  const seconds = (performance.now() - started) / 1000;
  scheduler.close();
  await agents.close();
  return { tasks: finished, seconds };
}

/** How many of the tasks an offer holds: freed resources come back in small pieces. */
function room(offer: Offer): number {
  const amount = (name: string) =>
    (offer.resources ?? [])
      .filter((r) => r.name === name)
      .reduce((sum, r) => sum + (r.scalar?.value ?? 0), 0);
  return Math.floor(Math.min(amount('cpus') / 0.01, amount('mem')) + 1e-6);
}
