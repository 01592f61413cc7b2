import type { StreamId } from '@mesita/sdk/base';
import type { scheduler, TaskStatus } from '@mesita/sdk/types';
import { createLifeClock } from '../world/timeline.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { createStore, type FrameworkStore, openTasks } from './framework-store.ts';
import { masterHost } from './master.ts';
import { answerOffers } from './offers.ts';
import type { Personality } from './personality.ts';
import { encodeCall, type Listener, type SchedulerDoor } from './scheduler-door.ts';

export interface Framework {
  readonly name: string;
  readonly store: FrameworkStore;
  readonly isConnected: boolean;
  readonly offersHeard: number;
  /** The scheduler dies and another takes up its work. */
  crash(): void;
  /** It wants to launch, or at least to look: offers shall come. */
  revive(): void;
  reconcile(): void;
  killAll(): void;
}

interface FrameworkOptions {
  readonly world: SimulatedWorld;
  readonly index: number;
  readonly personality: Personality;
  readonly findMaster: () => SchedulerDoor | undefined;
}

interface Session {
  stream: StreamId | undefined;
  frameworkId: string | undefined;
}

const tickMs = 5000;

/** A scheduler with a script: it does everything that schedulers do, at times drawn from the seed. */
export function startFramework(options: FrameworkOptions): Framework {
  const { world, index, personality, findMaster } = options;
  const { network, checks, counts } = world;
  const { name } = personality.info;
  const host = `10.0.3.${index + 1}:80`;
  const random = world.random.fork(name);
  const store = createStore();
  let life = createLifeClock(world.timeline);
  let session: Session | undefined;
  let silentUntil = 0;
  let offersHeard = 0;

  function begin(): void {
    network.up(host);
    life.setTimer(random.between(10, 3000), subscribe);
    life.setTimer(tickMs, tick);
  }

  function subscribe(): void {
    const mine: Session = { stream: undefined, frameworkId: undefined };
    session = mine;
    const { frameworkId } = store;
    const frameworkInfo = {
      ...personality.info,
      ...(frameworkId && { id: { value: frameworkId } }),
    };
    request(
      {
        type: 'SUBSCRIBE',
        ...(frameworkId && { frameworkId: { value: frameworkId } }),
        subscribe: { frameworkInfo },
      },
      mine,
    );
  }

  /** A broken connection and an error answer are the same to it: it subscribes again. */
  function lose(lost: Session): void {
    if (session !== lost) return;
    session = undefined;
    life.setTimer(random.between(500, 8000), () => session ?? subscribe());
  }

  function request(content: scheduler.Call, mine: Session): void {
    const of = life;
    const { isJson } = personality;
    const isMine = () => !of.isOver && session === mine;
    const listener: Listener = {
      host,
      isJson,
      answered(status, body, stream) {
        if (!isMine()) return;
        if (status === 200) mine.stream = stream;
        else if (status !== 202) {
          world.note(name, `${content.type} answered ${status} ${body ?? ''}`);
          lose(mine);
        }
      },
      heard: (stream, event) => isMine() && stream === mine.stream && hear(mine, event),
      cutOff: (stream) => isMine() && stream === mine.stream && lose(mine),
    };
    const bytes = encodeCall(content, isJson);
    world.note(name, `calls ${content.type}`);
    const { stream } = mine;
    network.send(host, masterHost, 'calls', () => {
      const door = findMaster();
      if (door) door.request(bytes, stream, listener);
    });
    network.watch(host, masterHost, 'calls', host, () => {
      if (isMine() && content.type === 'SUBSCRIBE' && mine.stream === undefined) lose(mine);
    });
  }

  function call(content: Omit<scheduler.Call, 'frameworkId'>): void {
    if (!session?.frameworkId) return;
    request({ ...content, frameworkId: { value: session.frameworkId } }, session);
  }

  function hear(mine: Session, event: scheduler.Event): void {
    if (event.subscribed) {
      mine.frameworkId = event.subscribed.frameworkId.value;
      store.frameworkId = mine.frameworkId;
      reconcile();
    } else if (event.offers) {
      offersHeard += (event.offers.offers ?? []).length;
      answerOffers({ world, random, personality, store, call }, event.offers.offers ?? []);
    } else if (event.update) {
      updated(mine, event.update.status);
    } else if (event.type === 'ERROR') {
      world.note(name, `ERROR ${event.error?.message ?? ''}`);
      lose(mine);
    }
  }

  function updated(mine: Session, status: TaskStatus): void {
    const task = store.tasks.get(status.taskId.value);
    checks.updates.heard(mine.frameworkId ?? '', status);
    if (task) task.state = status.state;
    if (!status.uuid || world.timeline.now() < silentUntil) return;
    const { agentId, taskId, uuid } = status;
    if (agentId) call({ type: 'ACKNOWLEDGE', acknowledge: { agentId, taskId, uuid } });
  }

  function reconcile(): void {
    const open = openTasks(store);
    if (open.length === 0) return;
    const tasks = open.map(({ id, agentId }) => ({
      taskId: { value: id },
      agentId: { value: agentId },
    }));
    call({ type: 'RECONCILE', reconcile: { tasks } });
  }

  function kill(id: string): void {
    const task = store.tasks.get(id);
    if (task)
      call({ type: 'KILL', kill: { taskId: { value: id }, agentId: { value: task.agentId } } });
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
    if (random.chance(personality.fallsSilent)) {
      silentUntil = world.timeline.now() + random.between(5000, 90_000);
    }
    messageSomebody();
    if (random.chance(personality.takesOver)) subscribe();
    else if (random.chance(personality.crashes)) crash();
  }

  function messageSomebody(): void {
    const [task] = openTasks(store).filter(({ executorId }) => executorId !== undefined);
    if (!task?.executorId || !random.chance(0.1)) return;
    const { agentId, executorId } = task;
    const names = { agentId: { value: agentId }, executorId: { value: executorId } };
    if (random.chance(0.1)) call({ type: 'SHUTDOWN', shutdown: names });
    else call({ type: 'MESSAGE', message: { ...names, data: new Uint8Array([1, 2, 3]) } });
  }

  function crash(): void {
    counts.frameworkRestarts++;
    world.note(name, 'scheduler dies');
    life.end();
    network.down(host);
    session = undefined;
    silentUntil = 0;
    world.timeline.setTimer(random.between(500, 40_000), () => {
      life = createLifeClock(world.timeline);
      begin();
    });
  }

  begin();
  return {
    name,
    store,
    get isConnected() {
      return session?.frameworkId !== undefined;
    },
    get offersHeard() {
      return offersHeard;
    },
    crash,
    revive: () => call({ type: 'REVIVE', revive: {} }),
    reconcile,
    killAll() {
      for (const { id } of openTasks(store)) kill(id);
    },
  };
}
