import { userInfo } from 'node:os';
import { Resources } from '@mesita/sdk/resources';
import type { Offer, TaskInfo, TaskState, TaskStatus } from '@mesita/sdk/types';
import { connect, type Scheduler } from '../../scheduler/index.ts';
import { isTerminal } from '../../wire/task-state.ts';
import { Problem } from '../problem.ts';
import { agentUrl } from '../sandbox.ts';
import { acknowledge, tell } from '../tell.ts';
import type { SampleTask } from './tasks.ts';

/** What one task of the sample has lived through. */
export interface Life {
  readonly task: SampleTask;
  readonly agentUrl: string;
  readonly startedAt: number;
  endedAt?: number;
  state?: TaskState;
  message?: string;
}

interface Observer {
  onSubscribed(frameworkId: string): void;
  onLaunch(life: Life): void;
  /** At each new state, in order; the next event waits for it. */
  onState(life: Life): Promise<void>;
  onDisconnected(reason: string): void;
}

/**
 * Runs all tasks once, as many at a time as the offers hold, and resolves with their lives when
 * all have ended. Throws a Problem when the master ends it.
 */
export async function runSample(
  master: string,
  tasks: readonly SampleTask[],
  observer: Observer,
  signal: AbortSignal,
): Promise<readonly Life[]> {
  const waiting = [...tasks];
  const lives = new Map<string, Life>();
  const scheduler = connect({
    master,
    framework: {
      user: userInfo().username,
      name: 'mesita-sample',
      roles: ['*'],
      capabilities: [{ type: 'MULTI_ROLE' }, { type: 'RESERVATION_REFINEMENT' }],
    },
    signal,
    onDisconnected: observer.onDisconnected,
  });
  try {
    for await (const event of scheduler.events) {
      if (event.type === 'SUBSCRIBED') {
        observer.onSubscribed(event.subscribed?.frameworkId.value ?? '');
      } else if (event.type === 'OFFERS') {
        for (const offer of event.offers?.offers ?? []) {
          await useOffer(scheduler, offer, waiting, lives, observer);
        }
      } else if (event.type === 'UPDATE' && event.update !== undefined) {
        await takeStatus(scheduler, event.update.status, lives, observer);
        const ended = [...lives.values()].filter(({ endedAt }) => endedAt !== undefined);
        if (ended.length === tasks.length) {
          await tell(scheduler, { type: 'TEARDOWN' });
          break;
        }
        const isFree = isTerminal(event.update.status.state) && waiting.length > 0;
        if (isFree) await tell(scheduler, { type: 'REVIVE', revive: {} });
      } else if (event.type === 'ERROR') {
        throw new Problem(`the master ended the sample: ${event.error?.message}`);
      }
    }
    return [...lives.values()];
  } finally {
    scheduler.close();
  }
}

async function useOffer(
  scheduler: Scheduler,
  offer: Offer,
  waiting: SampleTask[],
  lives: Map<string, Life>,
  observer: Observer,
): Promise<void> {
  let left = Resources.of(offer.resources ?? []).unallocate();
  const launched: TaskInfo[] = [];
  for (;;) {
    const next = waiting[0];
    const resources = next && left.find(Resources.of(needs(next)));
    if (next === undefined || resources === undefined) break;
    waiting.shift();
    left = left.subtract(resources);
    launched.push(taskInfo(next, offer, resources));
    const life: Life = { task: next, agentUrl: agentUrl(offer), startedAt: Date.now() };
    lives.set(next.name, life);
    observer.onLaunch(life);
  }
  const offerIds = [offer.id];
  if (launched.length === 0) {
    await tell(scheduler, { type: 'DECLINE', decline: { offerIds } });
    return;
  }
  const operations = [{ type: 'LAUNCH' as const, launch: { taskInfos: launched } }];
  const accept = { offerIds, operations, filters: { refuseSeconds: 0 } };
  await tell(scheduler, { type: 'ACCEPT', accept });
}

function needs({ cpus, mem }: SampleTask) {
  return [
    { name: 'cpus', type: 'SCALAR' as const, scalar: { value: cpus } },
    { name: 'mem', type: 'SCALAR' as const, scalar: { value: mem } },
  ];
}

function taskInfo(task: SampleTask, offer: Offer, resources: Resources): TaskInfo {
  return {
    name: task.name,
    taskId: { value: task.name },
    agentId: offer.agentId,
    resources: resources.allocate(offer.allocationInfo?.role ?? '*').toMessages(),
    command: { shell: true, value: task.command },
  };
}

async function takeStatus(
  scheduler: Scheduler,
  status: TaskStatus,
  lives: ReadonlyMap<string, Life>,
  observer: Observer,
): Promise<void> {
  await acknowledge(scheduler, status);
  const life = lives.get(status.taskId.value);
  if (life === undefined || life.state === status.state || life.endedAt !== undefined) return;
  life.state = status.state;
  if (status.message) life.message = status.message;
  if (isTerminal(status.state)) life.endedAt = Date.now();
  await observer.onState(life);
}
