import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { createRecordDecoder } from '../wire/recordio.ts';

interface ClientOptions {
  /** `http://127.0.0.1:5050`; a path in it is put in front of every call's. */
  readonly baseUrl: string;
  /** Sent with every request: `Authorization`, for instance. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly connectTimeoutMs?: number;
  /** For the head of an answer, and for each part of a body that is no stream. */
  readonly timeoutMs?: number;
  /** Largest body of an answer that is no stream. */
  readonly maxBodyBytes?: number;
  /** Where the daemon listens on a unix socket. */
  readonly socketPath?: string;
  /**
   * Requests share one connection, leave in order and do not wait for each other's answers; streams
   * have connections of their own. For many small calls to one daemon.
   */
  readonly isPipelined?: boolean;
}

interface ClientRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal;
}

export interface ClientResponse {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ClientStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The records as they come. Throws when the connection breaks in the middle of one. */
  readonly records: AsyncIterable<Uint8Array>;
  close(): void;
}

/** Throws an error with `cause` when no answer came; any status is an answer. */
export interface HttpClient {
  request(path: string, request?: ClientRequest): Promise<ClientResponse>;
  /** A RecordIO stream. An answer other than 200 comes whole, as a response. */
  subscribe(path: string, request?: ClientRequest): Promise<ClientStream | ClientResponse>;
  close(): Promise<void>;
}

/** Redirects are answers: whoever follows a leader decides itself. */
export function createHttpClient(options: ClientOptions): HttpClient {
  const { timeoutMs = 30_000, maxBodyBytes = 256 * 1024 * 1024 } = options;
  const url = new URL(options.baseUrl);
  const prefix = url.pathname.replace(/\/$/, '');
  const settings: Agent.Options = {
    connect: {
      timeout: options.connectTimeoutMs ?? 10_000,
      ...(options.socketPath === undefined ? {} : { socketPath: options.socketPath }),
    },
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  };
  const streams = new Agent(settings);
  const calls = options.isPipelined
    ? new Agent({ ...settings, connections: 1, pipelining: 64 })
    : streams;

  async function send(
    agent: Agent,
    path: string,
    request: ClientRequest,
    overrides: { bodyTimeout?: number; idempotent?: boolean },
  ) {
    try {
      return await agent.request({
        origin: url.origin,
        path: prefix + path,
        method: request.method ?? (request.body === undefined ? 'GET' : 'POST'),
        headers: { ...options.headers, ...request.headers },
        body: request.body ?? null,
        ...(request.signal ? { signal: request.signal } : {}),
        ...overrides,
      });
    } catch (cause) {
      throw new Error(`no answer from ${url.origin}${prefix}${path}`, { cause });
    }
  }

  async function whole(path: string, answer: Dispatcher.ResponseData): Promise<ClientResponse> {
    const parts: Buffer[] = [];
    let size = 0;
    try {
      for await (const part of answer.body) {
        size += part.length;
        if (size > maxBodyBytes) throw new Error(`answer is larger than ${maxBodyBytes} bytes`);
        parts.push(part);
      }
    } catch (cause) {
      throw new Error(`answer of ${url.origin}${path} broke off`, { cause });
    }
    const body = Buffer.concat(parts, size);
    return { status: answer.statusCode, headers: flatten(answer.headers), body };
  }

  return {
    async request(path, request = {}) {
      // undici pipelines only what it may repeat; it repeats nothing by itself.
      const overrides = options.isPipelined ? { idempotent: true } : {};
      return whole(path, await send(calls, path, request, overrides));
    },
    async subscribe(path, request = {}) {
      const answer = await send(streams, path, request, { bodyTimeout: 0 });
      if (answer.statusCode !== 200) return whole(path, answer);
      answer.body.on('error', () => {});
      return {
        status: answer.statusCode,
        headers: flatten(answer.headers),
        records: readRecords(answer.body),
        close: () => answer.body.destroy(),
      };
    },
    close: async () => {
      await Promise.all([streams.destroy(), calls.destroy()]);
    },
  };
}

export function isStreamAnswer(answer: ClientStream | ClientResponse): answer is ClientStream {
  return 'records' in answer;
}

async function* readRecords(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = createRecordDecoder();
  for await (const chunk of body) yield* decoder.push(chunk);
  if (!decoder.isAtBoundary) throw new Error('the stream ended in the middle of a record');
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
