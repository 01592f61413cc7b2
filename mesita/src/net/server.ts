import {
  createServer as createNodeServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@mesita/sdk/base';
import { type BodyLimits, gunzipBody, isGzip, readBody, readChunks } from './body.ts';
import { answerPreflight } from './cors.ts';
import { createDispatch, type DispatchOptions } from './dispatch.ts';
import type { HttpProcess, HttpRequest, HttpResponse } from './http.ts';
import { isLibprocessMessage, receiveMessage } from './inbox.ts';
import { failure, HttpError } from './responses.ts';
import { createRouter, type Router } from './router.ts';
import { parseTarget, type Target } from './target.ts';
import { type SendOptions, sendResponse } from './transmit.ts';

export interface ServerOptions extends Omit<DispatchOptions, 'router'> {
  readonly processes: readonly HttpProcess[];
  /** Serves the paths whose first part names no process: `master`, or `slave(1)`. */
  readonly delegate?: string;
  /** Origins whose pages may read answers; `*` for all. */
  readonly corsOrigins?: readonly string[];
  /** A libprocess message whose sender claims another address than its socket's answers 400. */
  readonly requirePeerAddressMatch?: boolean;
  readonly log: Logger;
  readonly limits?: Partial<ServerLimits>;
}

export interface ServerLimits {
  readonly maxBodyBytes: number;
  /** For the head of a request, and between two parts of its body. */
  readonly slowClientMs: number;
  /** What a stream may hold for a client that does not read. */
  readonly maxStreamBuffer: number;
  readonly maxHeaderBytes: number;
}

const defaultLimits: ServerLimits = {
  maxBodyBytes: 64 * 1024 * 1024,
  slowClientMs: 60_000,
  maxStreamBuffer: 64 * 1024 * 1024,
  maxHeaderBytes: 80 * 1024,
};

export interface Address {
  readonly ip: string;
  readonly port: number;
}

export interface Server {
  readonly router: Router;
  add(process: HttpProcess): void;
  /** Once. Port 0 takes a free one. */
  listen(ip: string, port: number): Promise<Address>;
  /** Serves a unix socket as well; endpoints that `allow` denies answer 403. */
  listenOnSocket(path: string, allow?: (endpoint: string) => boolean): Promise<void>;
  /** Answers without a socket. The response is as the handler made it, not compressed. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Ends every connection, streams included. */
  close(): Promise<void>;
}

export function createServer(options: ServerOptions): Server {
  const limits = { ...defaultLimits, ...options.limits };
  const router = createRouter(options.delegate);
  for (const process of options.processes) router.add(process);
  const dispatch = createDispatch({ ...options, router });
  const listeners: ReturnType<typeof createListener>[] = [];

  async function handle(request: HttpRequest): Promise<HttpResponse> {
    return answerPreflight(request, options.corsOrigins ?? []) ?? (await dispatch(request))();
  }

  async function bind(listener: (typeof listeners)[number], ...where: [number, string] | [string]) {
    await new Promise<void>((resolve, reject) => {
      const refuse = (cause: Error) =>
        reject(new Error(`cannot listen on ${where.toReversed().join(':')}`, { cause }));
      listener.once('error', refuse);
      const done = () => {
        listener.off('error', refuse);
        resolve();
      };
      if (where.length === 1) listener.listen(where[0], done);
      else listener.listen(where[0], where[1], done);
    });
    listeners.push(listener);
  }

  return {
    router,
    handle,
    add: (process) => router.add(process),
    async listen(ip, port) {
      const listener = createListener(options, limits, router, dispatch);
      await bind(listener, port, ip);
      const bound = listener.address() as AddressInfo;
      return { ip, port: bound.port };
    },
    async listenOnSocket(path, allow = () => true) {
      const guarded = guard(router, dispatch, allow);
      await bind(createListener(options, limits, router, guarded), path);
    },
    async close() {
      const closing = listeners.splice(0).map(
        (listener) =>
          new Promise<void>((resolve) => {
            listener.close(() => resolve());
            listener.closeAllConnections();
          }),
      );
      await Promise.all(closing);
    },
  };
}

type Dispatch = ReturnType<typeof createDispatch>;

function guard(router: Router, dispatch: Dispatch, allow: (endpoint: string) => boolean): Dispatch {
  return async (request) => {
    const endpoint = router.match(request.path)?.endpoint;
    if (endpoint !== undefined && allow(endpoint)) return dispatch(request);
    return async () => failure(403);
  };
}

function createListener(
  options: ServerOptions,
  limits: ServerLimits,
  router: Router,
  dispatch: Dispatch,
) {
  const sending: SendOptions = {
    corsOrigins: options.corsOrigins ?? [],
    maxStreamBuffer: limits.maxStreamBuffer,
    log: options.log,
  };
  const body: BodyLimits = { maxBytes: limits.maxBodyBytes, idleMs: limits.slowClientMs };
  // Requests of one connection start one after another: messages keep their order, and request
  // N+1 is not authenticated before N.
  const starts = new WeakMap<Socket, Promise<unknown>>();

  async function start(message: IncomingMessage, response: ServerResponse, target: Target) {
    if (isLibprocessMessage(message, target.path)) {
      const received = await receiveMessage(message, target.path, router, {
        body,
        requirePeerAddressMatch: options.requirePeerAddressMatch ?? false,
      });
      return async () => received;
    }
    const request = toRequest(message, target, body, signalOf(response));
    const preflight = answerPreflight(request, sending.corsOrigins);
    return preflight ? async () => preflight : dispatch(request);
  }

  function serve(message: IncomingMessage, response: ServerResponse): void {
    const target = parseTarget(message.url ?? '');
    if (!target || hasTwoLengths(message)) {
      message.socket.destroy();
      return;
    }
    const before = starts.get(message.socket) ?? Promise.resolve();
    const started = before.then(() => start(message, response, target));
    starts.set(
      message.socket,
      started.catch(() => undefined),
    );
    started
      .then((answer) => answer())
      .catch((error: unknown) => {
        if (error instanceof HttpError) return error.response;
        options.log.error('request failed', { path: target.path, error });
        return failure(500);
      })
      .then((answer) => sendResponse(message, response, answer, sending))
      .catch((error: unknown) => {
        options.log.error('response failed', { path: target.path, error });
        response.destroy();
      });
  }

  const listener = createNodeServer(
    {
      keepAliveTimeout: 0,
      headersTimeout: limits.slowClientMs,
      // Some requests are streams that last for days; bodies have their own limit.
      requestTimeout: 0,
      maxHeaderSize: limits.maxHeaderBytes,
      requireHostHeader: false,
      joinDuplicateHeaders: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      // Takes bare line feeds as line ends. Its one danger, two lengths, is refused below.
      insecureHTTPParser: true,
    },
    serve,
  );
  listener.on('checkContinue', (message, response) => {
    serve(message, response);
    setImmediate(continueIfWaiting, message, response);
  });
  listener.on('clientError', closeMalformed);
  return listener;
}

function toRequest(
  message: IncomingMessage,
  target: Target,
  limits: BodyLimits,
  signal: AbortSignal,
): HttpRequest {
  let body: Promise<Uint8Array> | undefined;
  return {
    method: message.method ?? 'GET',
    path: target.path,
    query: target.query,
    headers: message.headers as HttpRequest['headers'],
    body() {
      body ??= readBody(message, limits);
      return body;
    },
    async *chunks() {
      if (!isGzip(message)) yield* readChunks(message);
      else yield await gunzipBody(await this.body(), limits.maxBytes);
    },
    remoteAddress: message.socket.remoteAddress ?? '',
    signal,
  };
}

function signalOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Mesos never says 100. Clients that wait for it get it, those that sent their body do not. */
function continueIfWaiting(message: IncomingMessage, response: ServerResponse): void {
  const isWaiting = !message.complete && message.readableLength === 0;
  if (isWaiting && !response.headersSent && !response.destroyed) response.writeContinue();
}

/** A proxy in front may believe the other one: where the next request begins would be a guess. */
function hasTwoLengths({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined && headers['transfer-encoding'] !== undefined;
}

/** What is no HTTP is closed without an answer; only a broken chunk header is told. */
function closeMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'HPE_INVALID_CHUNK_SIZE' && socket.writable) {
    const text = 'Failed to decode body';
    socket.end(
      `HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
    );
    return;
  }
  socket.destroy();
}
