import type { FrameworkInfo } from '@mesita/sdk/types';
import { createLife } from '../world/life.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { createStore, type FrameworkStore, openTasks } from './framework-store.ts';
import type { Personality } from './personality.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import type { SchedulerDoor } from './scheduler-door.ts';
import { createSession } from './session.ts';

/** A framework: one scheduler after another, and what they have in common. */
export interface Framework {
  readonly name: string;
  readonly host: string;
  readonly store: FrameworkStore;
  readonly isConnected: boolean;
  readonly offersHeard: number;
  /** It wants to launch, or at least to look: offers shall come. */
  revive(): void;
  reconcile(): void;
  killAll(): void;
}

interface FrameworkOptions {
  readonly world: SimulatedWorld;
  readonly index: number;
  readonly personality: Personality;
  readonly masters: readonly string[];
  readonly findDoor: (master: string) => SchedulerDoor | undefined;
}

/** How long a scheduler that took over takes to start. */
const restartMs = { least: 500, most: 40_000 };

/** A scheduler with a script: it does everything that schedulers do, at times drawn from the seed. */
export function startFramework(options: FrameworkOptions): Framework {
  const { world, index, personality, masters, findDoor } = options;
  const { network, counts } = world;
  const { name } = personality.info;
  const host = `10.0.3.${index + 1}:80`;
  const random = world.random.fork(name);
  const store = createStore();
  let life = createLife(world.timeline);
  let scheduler = begin();
  let offersHeard = 0;

  function begin(): Scheduler {
    network.up(host, life.enter);
    world.victims.set(host, { kill: crash, freeze: life.freeze, thaw: life.thaw });
    const session = createSession({
      world,
      host,
      name,
      isJson: personality.isJson,
      random,
      life,
      masters,
      findDoor,
      describe: () => describe(personality, store),
      hear: (event) => scheduler.hear(event),
    });
    const made = createScheduler({ world, random, personality, store, session, life, crash });
    return {
      ...made,
      hear(event) {
        offersHeard += event.offers?.offers?.length ?? 0;
        made.hear(event);
      },
    };
  }

  function crash(): void {
    if (life.isOver) return;
    counts.frameworkRestarts++;
    world.note(name, 'scheduler dies');
    life.end();
    network.down(host);
    world.timeline.setTimer(random.between(restartMs.least, restartMs.most), () => {
      life = createLife(world.timeline);
      scheduler = begin();
    });
  }

  return {
    name,
    host,
    store,
    get isConnected() {
      return !life.isOver && scheduler.session.frameworkId !== undefined;
    },
    get offersHeard() {
      return offersHeard;
    },
    revive: () => scheduler.session.call({ type: 'REVIVE', revive: {} }),
    reconcile: () => scheduler.reconcile(),
    killAll() {
      for (const { id } of openTasks(store)) if (id !== store.job) scheduler.kill(id);
    },
  };
}

function describe({ info }: Personality, { frameworkId }: FrameworkStore): FrameworkInfo {
  return frameworkId === undefined ? info : { ...info, id: { value: frameworkId } };
}
