import type { Clock, Random, StreamId, Timer } from '@mesita/sdk/base';
import type { master } from '@mesita/sdk/types';
import type { HttpResponse } from '../../net/http.ts';
import { decided } from '../../net/late-approver.ts';
import { JSON_TYPE, type MessageType } from '../../net/media-types.ts';
import type { View } from '../../net/view.ts';
import { encode } from '../../wire/protobuf.ts';
import * as schema from '../../wire/schema/master.ts';
import type { OperatorEvent } from '../core/operator-event.ts';
import type { MasterState } from '../core/state.ts';
import { eventMessage } from '../http/operator-events.ts';
import { eventJson } from '../http/operator-json.ts';
import { getState } from '../http/operator-reads.ts';
import { createStreams } from './streams.ts';

const HEARTBEAT_MS = 15_000;

interface OperatorStreamOptions {
  readonly state: MasterState;
  readonly clock: Clock;
  readonly random: Random;
  /** More subscribers than these: the oldest one goes. */
  readonly maxSubscribers: number;
}

interface OperatorStream {
  /** All that the client may see, and then whatever happens to it. */
  subscribe(view: View, accept: MessageType, signal: AbortSignal): HttpResponse;
  /** Costs nothing while nobody listens. */
  tell(event: OperatorEvent): void;
  readonly subscribers: number;
  close(): void;
}

interface Subscriber {
  readonly view: View;
  /** Until what is known only later is told: all else comes after it. */
  waiting?: Promise<void> | undefined;
  heartbeat?: Timer;
}

/** What operators and their tools follow: events in the order in which the core made them. */
export function createOperatorStream(options: OperatorStreamOptions): OperatorStream {
  const { state, clock, random, maxSubscribers } = options;
  const subscribers = new Map<StreamId, Subscriber>();
  const streams = createStreams<master.Event>({
    encode: (event, accept) =>
      accept === JSON_TYPE ? Buffer.from(eventJson(event)) : encode(schema.Event, event),
    onClosed: forget,
    isNamed: false,
  });

  function forget(id: StreamId): void {
    subscribers.get(id)?.heartbeat?.cancel();
    subscribers.delete(id);
  }

  function beat(id: StreamId): void {
    const subscriber = subscribers.get(id);
    if (!subscriber) return;
    say(id, () => ({ type: 'HEARTBEAT' }));
    subscriber.heartbeat = clock.setTimer(HEARTBEAT_MS, () => beat(id));
  }

  /** In order, once it is known what of it the client may see. */
  function say(id: StreamId, build: (view: View) => master.Event | undefined): void {
    const subscriber = subscribers.get(id);
    if (!subscriber) return;
    const { view, waiting } = subscriber;
    const publish = (message: master.Event | undefined) => {
      if (message && subscribers.has(id)) streams.publish(id, message);
    };
    const message = waiting ? undefined : build(view);
    const before = waiting ?? view.missing?.();
    if (!before) return publish(message);
    const told = before
      .then(() => decided(view, () => build(view)))
      .then((known) => {
        publish(known);
        if (subscriber.waiting === told) subscriber.waiting = undefined;
      });
    subscriber.waiting = told;
  }

  function makeRoom(): void {
    for (const oldest of subscribers.keys()) {
      if (subscribers.size < maxSubscribers) return;
      streams.close(oldest);
      forget(oldest);
    }
  }

  return {
    subscribe(view, accept, signal) {
      makeRoom();
      const id = random.uuid() as StreamId;
      const response = streams.open(id, accept, signal);
      subscribers.set(id, { view });
      say(id, () => ({
        type: 'SUBSCRIBED',
        subscribed: {
          getState: getState(state, view),
          heartbeatIntervalSeconds: HEARTBEAT_MS / 1000,
        },
      }));
      beat(id);
      return response;
    },
    tell(event) {
      for (const id of subscribers.keys()) say(id, (view) => eventMessage(event, view));
    },
    get subscribers() {
      return subscribers.size;
    },
    close() {
      for (const id of [...subscribers.keys()]) forget(id);
      streams.closeAll();
    },
  };
}
