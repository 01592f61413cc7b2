import type { Call, Event } from '@mesita/sdk/types/scheduler';
import {
  type ClientResponse,
  type ClientStream,
  createHttpClient,
  type HttpClient,
  isStreamAnswer,
} from '../net/client.ts';
import type { Authentication } from './authentication.ts';
import type { Codec } from './codec.ts';
import { CallFailed, SubscriptionRefused } from './errors.ts';

const PATH = '/api/v1/scheduler';
const MAX_REDIRECTS = 5;
/** A master that missed this many heartbeats is dead, or on the other side of a broken network. */
const MISSED_HEARTBEATS = 3;
const DEFAULT_HEARTBEAT_SECONDS = 15;

/** One subscription at one master. */
export interface Session {
  /** Heartbeats are watched and left out. Ends when the stream does; throws when it breaks. */
  readonly events: AsyncIterable<Event>;
  call(call: Call): Promise<void>;
  close(): void;
}

interface SessionOptions {
  readonly codec: Codec;
  readonly authentication: Authentication;
  readonly signal: AbortSignal;
}

/**
 * Subscribes at the leader, found by following redirects from `master`. Throws SubscriptionRefused
 * when the master says no, any other error when nobody useful answered.
 */
export async function openSession(
  master: string,
  subscribe: Call,
  options: SessionOptions,
): Promise<Session> {
  const { codec, signal } = options;
  let baseUrl = master;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const client = createHttpClient({ baseUrl, isPipelined: true });
    const body = codec.encode(subscribe);
    const headers = { 'Content-Type': codec.mediaType, Accept: codec.mediaType };
    const answer = await options.authentication
      .send(requestTo(baseUrl, codec), (more) =>
        client.subscribe(PATH, { method: 'POST', headers: { ...headers, ...more }, body, signal }),
      )
      .catch(async (error: unknown) => {
        await client.close();
        throw error;
      });
    if (isStreamAnswer(answer)) return createSession(client, answer, baseUrl, options);
    await client.close();
    baseUrl = nextLeader(baseUrl, answer);
  }
  throw new Error(`${master} sends from one master to the next: there is no leader`);
}

/** What an authenticatee is told of a request. */
function requestTo(baseUrl: string, { mediaType }: Codec) {
  const { host, hostname } = new URL(baseUrl);
  const headers = { host, 'content-type': mediaType, accept: mediaType };
  return { path: PATH, headers, remoteAddress: hostname };
}

function nextLeader(baseUrl: string, answer: ClientResponse): string {
  const { status, headers, body } = answer;
  if (status === 307 && headers.location !== undefined) {
    return new URL(headers.location, baseUrl).origin;
  }
  const text = new TextDecoder().decode(body).trim();
  if (status >= 400 && status < 500) throw new SubscriptionRefused(`${baseUrl}: ${text || status}`);
  throw new Error(`${baseUrl} answered ${status} ${text}`);
}

function createSession(
  client: HttpClient,
  stream: ClientStream,
  baseUrl: string,
  { codec, authentication }: SessionOptions,
): Session {
  const request = requestTo(baseUrl, codec);
  const streamId = stream.headers['mesos-stream-id'] ?? '';
  const close = () => {
    stream.close();
    void client.close();
  };
  return {
    events: readEvents(stream, codec, close),
    close,
    async call(call) {
      const headers = { 'Content-Type': codec.mediaType, 'Mesos-Stream-Id': streamId };
      const content = codec.encode(call);
      let answer: ClientResponse;
      try {
        answer = await authentication.send(request, (more) =>
          client.request(PATH, { headers: { ...headers, ...more }, body: content }),
        );
      } catch (cause) {
        throw new CallFailed(`${call.type} did not reach the master`, undefined, { cause });
      }
      const { status, body } = answer;
      if (status === 200 || status === 202) return;
      // Another master leads: the stream is of no use any more.
      if (status === 307) close();
      const text = new TextDecoder().decode(body).trim();
      throw new CallFailed(`${call.type} refused: ${text || status}`, status);
    },
  };
}

async function* readEvents(
  stream: ClientStream,
  codec: Codec,
  close: () => void,
): AsyncGenerator<Event> {
  const records = stream.records[Symbol.asyncIterator]();
  let heartbeatSeconds = DEFAULT_HEARTBEAT_SECONDS;
  try {
    for (;;) {
      const silenceMs = heartbeatSeconds * MISSED_HEARTBEATS * 1000;
      const { done, value } = await within(silenceMs, records.next(), close);
      if (done) return;
      const event = codec.decode(value);
      if (event.type === 'SUBSCRIBED') {
        heartbeatSeconds = event.subscribed?.heartbeatIntervalSeconds ?? heartbeatSeconds;
      }
      if (event.type !== 'HEARTBEAT') yield event;
    }
  } finally {
    close();
  }
}

async function within<T>(ms: number, promise: Promise<T>, onLate: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the master was silent for ${Math.round(ms / 1000)} s`));
      onLate();
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
