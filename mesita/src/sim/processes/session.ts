import type { StreamId } from '@mesita/sdk/base';
import type { FrameworkInfo, scheduler } from '@mesita/sdk/types';
import { type FaultPoint, pointNamed } from '../world/fault-points.ts';
import type { Life } from '../world/life.ts';
import type { SeededRandom } from '../world/random.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { encodeCall, type Listener, type SchedulerDoor } from './scheduler-door.ts';

/** A scheduler's side of the scheduler API: subscribed, or about to subscribe again. */
export interface Session {
  /** Undefined while not subscribed. */
  readonly frameworkId: string | undefined;
  /** Anew, be there a subscription or not: as a second scheduler would, that takes over. */
  subscribe(): void;
  /** Lost without a word when not subscribed, or when the connection breaks. */
  call(call: Omit<scheduler.Call, 'frameworkId'>): void;
}

interface SessionOptions {
  readonly world: SimulatedWorld;
  readonly host: string;
  readonly name: string;
  readonly isJson: boolean;
  readonly random: SeededRandom;
  readonly life: Life;
  readonly masters: readonly string[];
  readonly findDoor: (master: string) => SchedulerDoor | undefined;
  readonly describe: () => FrameworkInfo;
  readonly hear: (event: scheduler.Event) => void;
}

interface Subscription {
  stream: StreamId | undefined;
  frameworkId: string | undefined;
}

export function createSession(options: SessionOptions): Session {
  const { world, host, name, isJson, random, life, hear } = options;
  const { network, faults } = world;
  let master = random.pick(options.masters);
  let current: Subscription | undefined;

  function subscribe(): void {
    const mine: Subscription = { stream: undefined, frameworkId: undefined };
    current = mine;
    const frameworkInfo = options.describe();
    const { id: frameworkId } = frameworkInfo;
    const call = { type: 'SUBSCRIBE', subscribe: { frameworkInfo } } as const;
    request({ ...call, ...(frameworkId && { frameworkId }) }, mine);
  }

  /** A broken connection and an error answer are the same to it: it subscribes again, somewhere. */
  function lose(lost: Subscription, leader?: string): void {
    if (current !== lost) return;
    current = undefined;
    master = leader ?? random.pick(options.masters);
    life.setTimer(random.between(500, 8000), () => current ?? subscribe());
  }

  function request(content: scheduler.Call, mine: Subscription): void {
    const to = master;
    const listener = listenerOf(mine, content, to);
    const bytes = encodeCall(content, isJson);
    const { stream } = mine;
    faults.at(pointOf(content), host);
    if (life.isOver) return;
    world.note(name, `calls ${content.type}`);
    network.send(host, to, 'calls', () => options.findDoor(to)?.request(bytes, stream, listener));
    if (content.type !== 'SUBSCRIBE') return;
    const broken = () => {
      if (!life.isOver && mine.stream === undefined) lose(mine);
    };
    network.watch(host, to, 'calls', host, broken);
    network.watch(to, host, 'replies', host, broken);
  }

  function listenerOf(mine: Subscription, { type }: scheduler.Call, to: string): Listener {
    const isMine = () => !life.isOver && current === mine;
    return {
      host,
      isJson,
      answered(status, body, stream) {
        if (!isMine()) {
          // It has given this up, and says so by hanging up.
          if (stream !== undefined) network.break(to, host, stream);
          return;
        }
        if (status === 202) return;
        if (status === 200) {
          mine.stream = stream;
          return;
        }
        world.note(name, `${type} answered ${status} ${body ?? ''}`);
        lose(mine, status === 307 ? body : undefined);
      },
      heard(stream, event) {
        if (!isMine() || stream !== mine.stream) return;
        if (event.subscribed) mine.frameworkId = event.subscribed.frameworkId.value;
        hear(event);
        if (event.type === 'ERROR') lose(mine);
      },
      cutOff(stream) {
        // Perhaps before it heard that there is one.
        if (isMine() && stream === (mine.stream ?? stream)) lose(mine);
      },
    };
  }

  life.setTimer(random.between(10, 3000), subscribe);
  return {
    get frameworkId() {
      return current?.frameworkId;
    },
    subscribe,
    call(content) {
      if (current?.frameworkId === undefined) return;
      request({ ...content, frameworkId: { value: current.frameworkId } }, current);
    },
  };
}

function pointOf({ type }: scheduler.Call): FaultPoint | undefined {
  return pointNamed(`scheduler.${String(type).toLowerCase()}.before`);
}
