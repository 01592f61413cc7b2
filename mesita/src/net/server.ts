import type { AddressInfo, ListenOptions } from 'node:net';
import type { Logger } from '@mesita/sdk/base';
import { answerPreflight } from './cors.ts';
import { createDispatch, type Dispatch, type DispatchOptions } from './dispatch.ts';
import type { HttpProcess, HttpRequest, HttpResponse } from './http.ts';
import { createListener, type Listener, type ServerLimits } from './listener.ts';
import { failure } from './responses.ts';
import { createRouter, type Router } from './router.ts';

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

const defaultLimits: ServerLimits = {
  maxBodyBytes: 64 * 1024 * 1024,
  slowClientMs: 60_000,
  maxStreamBuffer: 64 * 1024 * 1024,
  maxHeaderBytes: 80 * 1024,
};

interface Address {
  readonly ip: string;
  readonly port: number;
}

export interface Server {
  readonly router: Router;
  add(process: HttpProcess): void;
  /** Once. Port 0 takes a free one. */
  listen(ip: string, port: number): Promise<Address>;
  /**
   * Serves a unix socket as well, which containers may reach: endpoints that `allow` denies answer
   * 403, and so do libprocess messages.
   */
  listenOnSocket(path: string, allow: (endpoint: string) => boolean): Promise<void>;
  /** Answers without a socket. The response is as the handler made it, not compressed. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Ends every connection, streams included. */
  close(): Promise<void>;
}

export function createServer(options: ServerOptions): Server {
  const { corsOrigins = [], requirePeerAddressMatch = false, log } = options;
  const router = createRouter(options.delegate);
  for (const process of options.processes) router.add(process);
  const dispatch = createDispatch({ ...options, router });
  const limits = { ...defaultLimits, ...options.limits };
  const shared = { corsOrigins, limits, log };
  const listeners: Listener[] = [];

  async function open(listener: Listener, where: ListenOptions): Promise<void> {
    await bind(listener, where);
    listeners.push(listener);
  }

  return {
    router,
    add: (process) => router.add(process),
    async handle(request) {
      return answerPreflight(request, corsOrigins) ?? (await dispatch(request))();
    },
    async listen(ip, port) {
      const inbox = { router, requirePeerAddressMatch };
      const listener = createListener({ ...shared, dispatch, inbox });
      await open(listener, { host: ip, port });
      return { ip, port: (listener.server.address() as AddressInfo).port };
    },
    async listenOnSocket(path, allow) {
      await open(createListener({ ...shared, dispatch: guard(router, dispatch, allow) }), { path });
    },
    async close() {
      await Promise.all(listeners.splice(0).map(closeListener));
    },
  };
}

/**
 * Connections that wait to be taken; the system allows less. After a failover all agents come at
 * once, and whom there is no room for tries again only seconds later.
 */
const BACKLOG = 65_535;

function bind({ server }: Listener, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error) => {
      const name = where.path ?? `${where.host}:${where.port}`;
      reject(new Error(`cannot listen on ${name}`, { cause }));
    };
    server.once('error', refuse);
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

function closeListener({ server, closeConnections }: Listener): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    closeConnections();
  });
}

function guard(router: Router, dispatch: Dispatch, allow: (endpoint: string) => boolean): Dispatch {
  return async (request) => {
    const endpoint = router.match(request.path)?.endpoint;
    if (endpoint !== undefined && allow(endpoint)) return dispatch(request);
    return async () => failure(403);
  };
}
