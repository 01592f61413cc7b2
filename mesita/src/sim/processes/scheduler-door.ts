import type { StreamId } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
import type { RequestId } from '../../master/core/effects.ts';
import type { MasterState } from '../../master/core/state.ts';
import type { Requests } from '../../master/driver/requests.ts';
import type { Streams } from '../../master/driver/streams.ts';
import { redirectToLeader } from '../../master/http/leadership.ts';
import { parse, stringify } from '../../wire/json.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import * as schema from '../../wire/schema/scheduler.ts';
import type { Life } from '../world/life.ts';
import type { SimulatedWorld } from '../world/world.ts';

/** One side of the scheduler API: what a scheduler hears on the other end of its request. */
export interface Listener {
  readonly host: string;
  /** The media type it speaks. */
  readonly isJson: boolean;
  /** 200 comes with the stream's name, 307 with the leader's host. */
  answered(status: number, body: string | undefined, stream: StreamId | undefined): void;
  heard(stream: StreamId, event: scheduler.Event): void;
  /** The stream ended, or its connection broke. */
  cutOff(stream: StreamId): void;
}

/** `/api/v1/scheduler` of one master's life. */
export interface SchedulerDoor {
  /** A request has arrived, whole. */
  request(call: Uint8Array, stream: StreamId | undefined, listener: Listener): void;
  readonly requests: Requests;
  readonly streams: Streams<scheduler.Event>;
  close(): void;
}

interface Inside {
  readonly state: MasterState;
  call(id: RequestId, call: scheduler.Call, stream: StreamId | undefined): void;
  validate(call: scheduler.Call): string | undefined;
  streamClosed(stream: StreamId): void;
}

export function encodeCall(call: scheduler.Call, isJson: boolean): Uint8Array {
  return isJson ? Buffer.from(stringify(schema.Call, call)) : encode(schema.Call, call);
}

function decodeCall(bytes: Uint8Array, isJson: boolean): scheduler.Call {
  return isJson ? parse(schema.Call, Buffer.from(bytes).toString()) : decode(schema.Call, bytes);
}

function passEvent(event: scheduler.Event, isJson: boolean): scheduler.Event {
  return isJson
    ? parse(schema.Event, stringify(schema.Event, event))
    : decode(schema.Event, encode(schema.Event, event));
}

export function createSchedulerDoor(
  { network, note }: SimulatedWorld,
  masterHost: string,
  life: Life,
  inside: Inside,
): SchedulerDoor {
  const waiting = new Map<RequestId, Listener>();
  const open = new Map<StreamId, Listener>();
  let next = 0;

  /** Answers take the way back of the connection that the request came on. */
  function reply({ host, answered }: Listener, ...answer: Parameters<Listener['answered']>): void {
    network.send(masterHost, host, 'replies', () => answered(...answer));
  }

  function take(id: RequestId): Listener | undefined {
    const listener = waiting.get(id);
    waiting.delete(id);
    return listener;
  }

  function openStream(id: RequestId, stream: StreamId): void {
    const listener = take(id);
    if (!listener) return;
    const { host } = listener;
    open.set(stream, listener);
    network.send(masterHost, host, stream, () => listener.answered(200, undefined, stream));
    network.watch(masterHost, host, stream, host, () => listener.cutOff(stream));
    network.watch(masterHost, host, stream, masterHost, () => {
      if (life.isOver || !open.delete(stream)) return;
      inside.streamClosed(stream);
    });
  }

  function closeStream(stream: StreamId): void {
    const listener = open.get(stream);
    open.delete(stream);
    if (!listener) return;
    network.send(masterHost, listener.host, stream, () => {
      network.finish(masterHost, listener.host, stream);
      listener.cutOff(stream);
    });
  }

  return {
    request(bytes, stream, listener) {
      const elsewhere = redirectToLeader(inside.state, undefined);
      if (elsewhere) {
        const { leader } = inside.state;
        const host = leader && `${leader.address?.ip}:${leader.port}`;
        reply(listener, elsewhere.status, host, undefined);
        return;
      }
      const call = decodeCall(bytes, listener.isJson);
      const invalid = inside.validate(call);
      if (invalid !== undefined) {
        note('master', `call refused: ${invalid}`);
        reply(listener, 400, invalid, undefined);
        return;
      }
      const id: RequestId = `r${next++}`;
      waiting.set(id, listener);
      inside.call(id, call, stream);
    },
    requests: {
      open: () => Promise.reject(new Error('requests come through the door')),
      respond({ requestId, status, body }) {
        const listener = take(requestId);
        if (listener) reply(listener, status, body, undefined);
      },
      openStream: ({ requestId, stream }) => openStream(requestId, stream),
    },
    streams: {
      open: () => {
        throw new Error('streams come through the door');
      },
      publish(stream, event) {
        const listener = open.get(stream);
        if (!listener) return;
        const heard = passEvent(event, listener.isJson);
        network.send(masterHost, listener.host, stream, () => listener.heard(stream, heard));
      },
      close: closeStream,
      closeAll: () => open.clear(),
    },
    close() {
      waiting.clear();
      open.clear();
    },
  };
}
