import type { scheduler, TaskStatus } from '@mesita/sdk/types';
import type { Life } from '../world/life.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { type FrameworkStore, openTasks, setState } from './framework-store.ts';
import { answerOffers } from './offers.ts';
import type { Personality } from './personality.ts';
import type { Session } from './session.ts';

/** One scheduler's life. */
export interface Scheduler {
  readonly session: Session;
  hear(event: scheduler.Event): void;
  reconcile(): void;
  kill(taskId: string): void;
}

interface SchedulerOptions {
  readonly world: SimulatedWorld;
  readonly random: SeededRandom;
  readonly personality: Personality;
  readonly store: FrameworkStore;
  readonly session: Session;
  readonly life: Life;
  readonly crash: () => void;
}

const tickMs = 5000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { world, random, personality, store, session, life } = options;
  const { call } = session;
  let silentUntil = 0;

  function hear(event: scheduler.Event): void {
    if (event.subscribed) {
      store.frameworkId = event.subscribed.frameworkId.value;
      reconcile();
    } else if (event.offers) {
      answerOffers({ world, random, personality, store, call }, event.offers.offers ?? []);
    } else if (event.update) {
      updated(event.update.status);
    } else if (event.error) {
      world.note(personality.info.name, `ERROR ${event.error.message}`);
    }
  }

  function updated(status: TaskStatus): void {
    const { agentId, taskId, uuid } = status;
    const task = store.tasks.get(taskId.value);
    world.checks.updates.heard(store.frameworkId ?? '', status);
    if (task) setState(store, task, status.state);
    if (!uuid || !agentId || world.timeline.now() < silentUntil) return;
    call({ type: 'ACKNOWLEDGE', acknowledge: { agentId, taskId, uuid } });
  }

  function reconcile(): void {
    const tasks = openTasks(store).map(({ id, agentId }) => ({
      taskId: { value: id },
      agentId: { value: agentId },
    }));
    if (tasks.length > 0) call({ type: 'RECONCILE', reconcile: { tasks } });
  }

  function kill(id: string): void {
    const agentId = store.tasks.get(id)?.agentId ?? '';
    call({ type: 'KILL', kill: { taskId: { value: id }, agentId: { value: agentId } } });
  }

  /** Now and then it does what it feels like. */
  function tick(): void {
    life.setTimer(tickMs, tick);
    if (world.weather !== 'STORMY') return;
    const open = openTasks(store);
    if (random.chance(personality.kills) && open.length > 0) kill(random.pick(open).id);
    if (random.chance(0.05)) reconcile();
    if (random.chance(0.02)) call({ type: 'RECONCILE', reconcile: {} });
    if (random.chance(personality.suppresses)) call({ type: 'SUPPRESS', suppress: {} });
    if (random.chance(0.1)) call({ type: 'REVIVE', revive: {} });
    if (random.chance(0.1)) speakToExecutor();
    if (random.chance(personality.fallsSilent)) {
      silentUntil = world.timeline.now() + random.between(5000, 90_000);
    }
    if (random.chance(personality.takesOver)) session.subscribe();
    else if (random.chance(personality.crashes)) options.crash();
  }

  function speakToExecutor(): void {
    const task = openTasks(store).find(({ executorId }) => executorId !== undefined);
    if (task?.executorId === undefined) return;
    const names = { agentId: { value: task.agentId }, executorId: { value: task.executorId } };
    if (random.chance(0.1)) call({ type: 'SHUTDOWN', shutdown: names });
    else call({ type: 'MESSAGE', message: { ...names, data: new Uint8Array([1, 2, 3]) } });
  }

  life.setTimer(tickMs, tick);
  return { session, hear, reconcile, kill };
}
