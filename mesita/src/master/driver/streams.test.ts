import type { StreamId } from '@mesita/sdk/base';
import { describe, expect, test } from 'vitest';
import type { HttpResponse, HttpSink, HttpStream } from '../../net/http.ts';
import { JSON_TYPE, PROTOBUF_TYPE } from '../../net/media-types.ts';
import { decode } from '../../wire/protobuf.ts';
import * as schema from '../../wire/schema/scheduler.ts';
import { createSchedulerStreams } from './streams.ts';

const id = 's' as StreamId;

function client(response: HttpResponse) {
  const chunks: Uint8Array[] = [];
  let isEnded = false;
  let leave = () => {};
  const closed = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const sink: HttpSink = {
    closed,
    write: (chunk) => chunks.push(chunk) > 0,
    drained: async () => {},
    end: () => {
      isEnded = true;
    },
  };
  (response.body as HttpStream).open(sink);
  return { chunks, leave, isEnded: () => isEnded };
}

function open(accept: typeof JSON_TYPE | typeof PROTOBUF_TYPE = JSON_TYPE) {
  const gone: StreamId[] = [];
  const streams = createSchedulerStreams((stream) => gone.push(stream));
  const request = new AbortController();
  return { streams, gone, request, response: streams.open(id, accept, request.signal) };
}

describe('a stream', () => {
  test('keeps what was said before its head went out, one record a chunk', () => {
    const { streams, response } = open();
    expect(response).toMatchObject({
      status: 200,
      headers: { 'Content-Type': JSON_TYPE, 'Mesos-Stream-Id': 's' },
    });
    streams.publish(id, { type: 'HEARTBEAT' });
    const { chunks } = client(response);
    streams.publish(id, { type: 'ERROR', error: { message: 'no' } });
    expect(chunks.map((chunk) => new TextDecoder().decode(chunk))).toEqual([
      '20\n{"type":"HEARTBEAT"}',
      '41\n{"type":"ERROR","error":{"message":"no"}}',
    ]);
  });

  test('speaks protobuf to those who ask for it', () => {
    const { streams, response } = open(PROTOBUF_TYPE);
    const { chunks } = client(response);
    streams.publish(id, { type: 'HEARTBEAT' });
    const [record] = chunks as [Uint8Array];
    expect(decode(schema.Event, record.subarray(2))).toEqual({ type: 'HEARTBEAT' });
  });

  test('ends after its last word, and its own end is no news', async () => {
    const { streams, response, gone } = open();
    const { leave, isEnded } = client(response);
    streams.close(id);
    expect(isEnded()).toBe(true);
    leave();
    await Promise.resolve();
    expect(gone).toEqual([]);
  });

  test('whose client leaves is told of once', async () => {
    const { response, gone, request } = open();
    const { leave } = client(response);
    leave();
    await new Promise((resolve) => setImmediate(resolve));
    request.abort();
    expect(gone).toEqual([id]);
  });

  test('whose client left before the head is told of, too', () => {
    const { gone, request } = open();
    request.abort();
    expect(gone).toEqual([id]);
  });
});
