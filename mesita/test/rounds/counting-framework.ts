// A framework that wants each job done once, follows whoever leads, and asks when it does not know.
import type { Offer, TaskInfo } from '@mesita/sdk/types';
import type { Call, Event } from '@mesita/sdk/types/scheduler';
import { connect, type Scheduler } from '../../src/scheduler/index.ts';
import type { Ledger } from './ledger.ts';

const RECONCILE_MS = 1_000;
/** More jobs than this in one offer would put all of them on one agent. */
const JOBS_OF_AN_OFFER = 8;

interface CountingFramework {
  readonly subscriptions: number;
  /** Another one leads, as far as is known outside: the old subscription is worth nothing. */
  reconnect(): void;
  close(): void;
}

export function startFramework(masters: readonly string[], ledger: Ledger): CountingFramework {
  let scheduler: Scheduler | undefined;
  let subscriptions = 0;
  let isClosed = false;
  // What is lost is told again, or asked for.
  const send = (call: Call) => void scheduler?.call(call).catch(() => undefined);

  function take(event: Event): void {
    if (event.type === 'SUBSCRIBED') {
      subscriptions++;
      reconcile();
    }
    for (const offer of event.offers?.offers ?? []) answer(offer);
    const status = event.update?.status;
    if (!status) return;
    ledger.note(status);
    const { uuid, agentId, taskId } = status;
    if (uuid && agentId) send({ type: 'ACKNOWLEDGE', acknowledge: { agentId, taskId, uuid } });
  }

  function answer(offer: Offer): void {
    const jobs = ledger.waiting().slice(0, JOBS_OF_AN_OFFER);
    if (jobs.length === 0) {
      send({ type: 'DECLINE', decline: { offerIds: [offer.id], filters: { refuseSeconds: 0.2 } } });
      return;
    }
    const taskInfos = jobs.map((job): TaskInfo => {
      const { id, command } = ledger.launch(job, offer.agentId.value);
      return {
        name: id,
        taskId: { value: id },
        agentId: offer.agentId,
        resources: [
          { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
          { name: 'mem', type: 'SCALAR', scalar: { value: 32 } },
        ],
        command: { value: command },
      };
    });
    const operations = [{ type: 'LAUNCH' as const, launch: { taskInfos } }];
    const filters = { refuseSeconds: 0 };
    send({ type: 'ACCEPT', accept: { offerIds: [offer.id], operations, filters } });
  }

  function reconcile(): void {
    const tasks = ledger.open().map(({ id, agentId }) => ({
      taskId: { value: id },
      agentId: { value: agentId },
    }));
    if (tasks.length > 0) send({ type: 'RECONCILE', reconcile: { tasks } });
  }

  async function run(): Promise<void> {
    while (!isClosed) {
      scheduler = connect({
        master: masters.join(','),
        backoffMs: 100,
        framework: {
          user: 'root',
          name: 'counts',
          roles: ['*'],
          failoverTimeout: 3600,
          checkpoint: true,
          capabilities: [{ type: 'MULTI_ROLE' }, { type: 'PARTITION_AWARE' }],
          ...(scheduler?.frameworkId && { id: scheduler.frameworkId }),
        },
      });
      for await (const event of scheduler.events) take(event);
    }
  }

  const timer = setInterval(reconcile, RECONCILE_MS);
  void run();
  return {
    get subscriptions() {
      return subscriptions;
    },
    reconnect: () => scheduler?.close(),
    close() {
      isClosed = true;
      clearInterval(timer);
      scheduler?.close();
    },
  };
}
