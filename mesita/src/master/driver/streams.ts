import type { StreamId } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
import type { HttpResponse, HttpSink } from '../../net/http.ts';
import { JSON_TYPE, type MessageType } from '../../net/media-types.ts';
import { stringify } from '../../wire/json.ts';
import { encode } from '../../wire/protobuf.ts';
import { encodeRecord } from '../../wire/recordio.ts';
import * as schema from '../../wire/schema/scheduler.ts';

interface Stream {
  readonly accept: MessageType;
  /** What was published before the head went out. */
  waiting: Uint8Array[];
  sink?: HttpSink | undefined;
  isEnding: boolean;
}

export interface Streams<Event> {
  /** The response whose body is the stream. `signal` is the request's: it tells of the client's end. */
  open(id: StreamId, accept: MessageType, signal: AbortSignal): HttpResponse;
  publish(id: StreamId, event: Event): void;
  close(id: StreamId): void;
  /** Cuts them all off, without a word. */
  closeAll(): void;
}

interface StreamsOptions<Event> {
  readonly encode: (event: Event, accept: MessageType) => Uint8Array;
  /** The client is gone. */
  readonly onClosed: (id: StreamId) => void;
  /** Whether the client has to name its stream in later calls. */
  readonly isNamed: boolean;
}

/** Event streams. One record leaves as one chunk, in the media type asked for. */
export function createStreams<Event>(options: StreamsOptions<Event>): Streams<Event> {
  const { encode: encodeEvent, onClosed, isNamed } = options;
  const streams = new Map<StreamId, Stream>();

  function forget(id: StreamId, stream: Stream): void {
    if (streams.get(id) !== stream) return;
    streams.delete(id);
    onClosed(id);
  }

  function begin(stream: Stream, sink: HttpSink): void {
    stream.sink = sink;
    for (const record of stream.waiting) sink.write(record);
    stream.waiting = [];
    if (stream.isEnding) sink.end();
  }

  return {
    open(id, accept, signal) {
      const stream: Stream = { accept, waiting: [], isEnding: false };
      streams.set(id, stream);
      // Also when the client is gone before the head could be sent, and `open` is never called.
      signal.addEventListener('abort', () => forget(id, stream), { once: true });
      if (signal.aborted) queueMicrotask(() => forget(id, stream));
      return {
        status: 200,
        headers: { 'Content-Type': accept, ...(isNamed && { 'Mesos-Stream-Id': id }) },
        body: {
          open: (sink) => {
            begin(stream, sink);
            void sink.closed.then(() => forget(id, stream));
          },
        },
      };
    },
    publish(id, event) {
      const stream = streams.get(id);
      if (!stream) return;
      const record = encodeRecord(encodeEvent(event, stream.accept));
      if (stream.sink) stream.sink.write(record);
      else stream.waiting.push(record);
    },
    close(id) {
      const stream = streams.get(id);
      if (!stream) return;
      streams.delete(id);
      stream.isEnding = true;
      stream.sink?.end();
    },
    closeAll() {
      for (const stream of streams.values()) {
        stream.isEnding = true;
        stream.sink?.end();
      }
      streams.clear();
    },
  };
}

const utf8 = new TextEncoder();

/** Of schedulers, which name their stream in each call. */
export function createSchedulerStreams(onClosed: (id: StreamId) => void): Streams<scheduler.Event> {
  return createStreams({
    encode: (event, accept) =>
      accept === JSON_TYPE
        ? utf8.encode(stringify(schema.Event, event))
        : encode(schema.Event, event),
    onClosed,
    isNamed: true,
  });
}
