import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@mesita/sdk/base';
import type { Delivery } from '../wire/libprocess-stream.ts';
import { type BodyLimits, gunzipBody, isGzip, readBody, readChunks } from './body.ts';
import { answerPreflight } from './cors.ts';
import type { Dispatch } from './dispatch.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { deliver, type Inbox, isLibprocessMessage, receiveMessage } from './inbox.ts';
import { readMessages } from './message-connection.ts';
import { failure, HttpError } from './responses.ts';
import { parseTarget, type Target } from './target.ts';
import { sendResponse } from './transmit.ts';

export interface ServerLimits {
  readonly maxBodyBytes: number;
  /** For the head of a request, and between two parts of its body. */
  readonly slowClientMs: number;
  /** What a stream may hold for a client that does not read. */
  readonly maxStreamBuffer: number;
  readonly maxHeaderBytes: number;
}

interface ListenerOptions {
  readonly dispatch: Dispatch;
  /** Absent: messages answer 403. */
  readonly inbox?: Inbox;
  readonly corsOrigins: readonly string[];
  readonly limits: ServerLimits;
  readonly log: Logger;
}

/** An answer under way: requests of one connection start in order, and end as they can. */
type Started = () => Promise<HttpResponse>;

export interface Listener {
  readonly server: Server;
  /** Ends every connection, whatever is under way on it. */
  closeConnections(): void;
}

export function createListener(options: ListenerOptions): Listener {
  const { limits, log } = options;
  const sending = { ...options, maxStreamBuffer: limits.maxStreamBuffer };
  // Messages keep their order, and request N+1 is not authenticated before N.
  const starts = new WeakMap<Socket, Promise<unknown>>();

  function serve(message: IncomingMessage, response: ServerResponse): void {
    const { socket } = message;
    const target = parseTarget(message.url ?? '');
    if (!target || hasTwoLengths(message)) {
      socket.destroy();
      return;
    }
    const before = starts.get(socket) ?? Promise.resolve();
    const started = before.then(() => start(message, response, target, options));
    starts.set(
      socket,
      started.catch(() => undefined),
    );
    started
      .then((answer) => answer())
      .catch((error: unknown) => {
        if (error instanceof HttpError) return error.response;
        log.error('request failed', { path: target.path, error });
        return failure(500);
      })
      .then((answer) => sendResponse(message, response, answer, sending))
      .catch((error: unknown) => {
        log.error('response failed', { path: target.path, error });
        response.destroy();
      });
  }

  const server = createServer(
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
      // Takes bare line feeds as line ends. Its one danger, two lengths, is refused above.
      insecureHTTPParser: true,
    },
    serve,
  );
  server.on('checkContinue', (message, response) => {
    serve(message, response);
    setImmediate(continueIfWaiting, message, response);
  });
  server.on('clientError', closeMalformed);
  return { server, closeConnections: watchConnections(server, options) };
}

/**
 * A new connection is read as messages until it turns out to be for the server of all HTTP, whose
 * own reader then goes on. Gives the function that ends all connections.
 */
function watchConnections(server: Server, { inbox, limits, log }: ListenerOptions): () => void {
  const connections = new Set<Socket>();
  const [readHttp] = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    if (!inbox) readHttp?.call(server, socket);
    else readMessages(socket, { slowClientMs: limits.slowClientMs, deliver: take, handOver });
  });

  function take(message: Delivery, socket: Socket): boolean {
    try {
      return !inbox || deliver(message, socket, inbox);
    } catch (error) {
      log.error('message failed', { name: message.name, error });
      return true;
    }
  }

  function handOver(socket: Socket, rest: Buffer): void {
    readHttp?.call(server, socket);
    socket.unshift(rest);
  }

  return () => {
    for (const socket of connections) socket.destroy();
  };
}

async function start(
  message: IncomingMessage,
  response: ServerResponse,
  target: Target,
  { dispatch, inbox, corsOrigins, limits }: ListenerOptions,
): Promise<Started> {
  const body: BodyLimits = { maxBytes: limits.maxBodyBytes, idleMs: limits.slowClientMs };
  if (isLibprocessMessage(message, target.path)) {
    const received = inbox ? await receiveMessage(message, target.path, inbox, body) : failure(403);
    return async () => received;
  }
  const request = toRequest(message, response, target, body);
  const preflight = answerPreflight(request, corsOrigins);
  return preflight ? async () => preflight : dispatch(request);
}

function toRequest(
  message: IncomingMessage,
  response: ServerResponse,
  target: Target,
  limits: BodyLimits,
): HttpRequest {
  let body: Promise<Uint8Array> | undefined;
  let signal: AbortSignal | undefined;
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
    // Few ask for it, and it costs more than the rest of a request.
    get signal() {
      signal ??= signalOf(response);
      return signal;
    },
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
