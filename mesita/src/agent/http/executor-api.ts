import type { Random, StreamId } from '@mesita/sdk/base';
import type { Call, Event } from '@mesita/sdk/types/executor';
import { readCall } from '../../net/call.ts';
import type { HttpHandler, HttpRequest, HttpResponse, HttpSink } from '../../net/http.ts';
import {
  acceptedType,
  JSON_TYPE,
  type MessageType,
  notAcceptable,
  PROTOBUF_TYPE,
} from '../../net/media-types.ts';
import { refuseMethod } from '../../net/methods.ts';
import { empty, failure } from '../../net/responses.ts';
import { stringify } from '../../wire/json.ts';
import { encode } from '../../wire/protobuf.ts';
import { encodeRecord } from '../../wire/recordio.ts';
import * as schema from '../../wire/schema/executor.ts';
import type { AgentEvent, RunName } from '../core/events.ts';
import type { AgentState } from '../core/state.ts';
import { validateExecutorCall } from '../core/validation/executor-call.ts';
import type { CallGate } from '../driver/calls.ts';

interface ExecutorApiOptions {
  readonly state: Pick<AgentState, 'acceptsExecutors'>;
  readonly calls: Pick<CallGate, 'pass'>;
  readonly post: (event: AgentEvent) => void;
  readonly random: Random;
}

/** `/api/v1/executor`: hands calls to the core, and performs its answers. */
export interface ExecutorApi {
  readonly handler: HttpHandler;
  respond(request: number, status: number, body: string | undefined): void;
  /** Answers a SUBSCRIBE. Events may be sent at once; they wait for the head of the answer. */
  openStream(request: number, run: RunName, stream: StreamId): void;
  send(stream: StreamId, event: Event): void;
  closeStream(stream: StreamId): void;
}

interface Waiting {
  readonly accept: MessageType;
  readonly resolve: (response: HttpResponse) => void;
  readonly signal: AbortSignal;
}

interface Stream {
  readonly accept: MessageType;
  sink: HttpSink | undefined;
  readonly backlog: Uint8Array[];
  isEnding: boolean;
}

export function createExecutorApi(options: ExecutorApiOptions): ExecutorApi {
  const { state, calls, post, random } = options;
  const requests = new Map<number, Waiting>();
  const streams = new Map<StreamId, Stream>();
  let lastRequest = 0;

  async function handle(request: HttpRequest): Promise<HttpResponse> {
    if (!state.acceptsExecutors) return failure(503, 'Agent has not finished recovery');
    const refusal = refuseMethod(request.method, 'POST');
    if (refusal) return refusal;
    const call = await readCall(request, schema.Call);
    if (!call.ok) return call.error;
    const valid = validateExecutorCall(call.value);
    if (!valid.ok) return failure(400, `Failed to validate Executor::Call: ${valid.error}`);
    const accept = acceptedType(request, [JSON_TYPE, PROTOBUF_TYPE]);
    if (!accept && call.value.type === 'SUBSCRIBE') return notAcceptable();
    return ask(request, call.value, accept ?? JSON_TYPE);
  }

  function ask(request: HttpRequest, call: Call, accept: MessageType): Promise<HttpResponse> {
    const id = ++lastRequest;
    return new Promise((resolve) => {
      requests.set(id, { accept, resolve, signal: request.signal });
      const stream = random.uuid() as StreamId;
      calls.pass({ kind: 'http', request: id, stream, claims: claimsOf(request) }, call);
    });
  }

  function take(request: number): Waiting | undefined {
    const waiting = requests.get(request);
    requests.delete(request);
    return waiting;
  }

  function openSink(sink: HttpSink, run: RunName, id: StreamId): void {
    const stream = streams.get(id);
    if (!stream) {
      sink.end();
      return;
    }
    stream.sink = sink;
    for (const record of stream.backlog.splice(0)) sink.write(record);
    if (stream.isEnding) end(id);
    void sink.closed.then(() => {
      streams.delete(id);
      post({ type: 'ExecutorStreamClosed', run, stream: id });
    });
  }

  function end(id: StreamId): void {
    const stream = streams.get(id);
    if (!stream) return;
    stream.isEnding = true;
    if (!stream.sink) return;
    streams.delete(id);
    stream.sink.end();
  }

  return {
    handler: handle,
    respond(request, status, body) {
      take(request)?.resolve(body === undefined ? empty(status) : failure(status, body));
    },
    openStream(request, run, id) {
      const waiting = take(request);
      if (!waiting || waiting.signal.aborted) {
        // Nobody is left to read the answer.
        post({ type: 'ExecutorStreamClosed', run, stream: id });
        return;
      }
      const { accept, resolve } = waiting;
      streams.set(id, { accept, sink: undefined, backlog: [], isEnding: false });
      const body = { open: (sink: HttpSink) => openSink(sink, run, id) };
      resolve({ status: 200, headers: { 'Content-Type': accept }, body });
    },
    send(id, event) {
      const stream = streams.get(id);
      if (!stream || stream.isEnding) return;
      const record = encodeEvent(event, stream.accept);
      if (stream.sink) stream.sink.write(record);
      else stream.backlog.push(record);
    },
    closeStream: end,
  };
}

function encodeEvent(event: Event, accept: MessageType): Uint8Array {
  return encodeRecord(
    accept === PROTOBUF_TYPE
      ? encode(schema.Event, event)
      : Buffer.from(stringify(schema.Event, event)),
  );
}

/** Whoever was named otherwise than by a token has no claim to any executor. */
function claimsOf({ principal, claims }: HttpRequest): HttpRequest['claims'] {
  return claims ?? (principal === undefined ? undefined : {});
}
