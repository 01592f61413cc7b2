import { randomUUID } from 'node:crypto';
import type { Logger } from '@mesita/sdk/base';
import type { IsolatorContext, ModuleRequest, ModuleResponse } from '@mesita/sdk/module';
import { commonCalls } from '@mesita/sdk/module/calls';
import type { ContainerID } from '@mesita/sdk/types';
import { liveCodecs } from './codecs.ts';
import type { Dialect } from './dialect.ts';
import type { Creation } from './guest.ts';
import type { Session } from './session.ts';

/** The context of a module that lives elsewhere: what it says goes to the daemon. */
export interface GuestContext {
  readonly context: IsolatorContext;
  /** A request to one of the module's routes, packed. */
  serveRoute(args: unknown, signal: AbortSignal): Promise<unknown>;
  /** The container is cleaned up. */
  forget(id: { readonly value: string }): void;
  shutDown(): void;
}

type Handler = (request: ModuleRequest) => ModuleResponse | Promise<ModuleResponse>;
type Kept = Map<string, { readonly id: ContainerID; readonly value: unknown }>;

const GAUGE_INTERVAL_MS = 1_000;

export function createGuestContext(
  session: Session,
  dialect: Dialect,
  creation: Creation,
): GuestContext {
  const abort = new AbortController();
  const routes = new Map<string, Handler>();
  const kept: Kept = new Map(
    creation.containers.map(({ id, value }) => [JSON.stringify(id), { id, value }]),
  );
  const notify = (name: keyof typeof commonCalls.callbacks, ...args: readonly unknown[]) =>
    session.notify(name, dialect.packArgs(commonCalls.callbacks[name], args));
  return {
    forget: (id) => void kept.delete(JSON.stringify(id)),
    shutDown: () => abort.abort(),
    async serveRoute(packed, signal) {
      const call = commonCalls.methods.route;
      const [path, given] = dialect.unpackArgs(call, packed) as [string, Record<string, unknown>];
      const handler = routes.get(path);
      const response = handler ? await handler(toRequest(given, signal)) : { status: 404 };
      return dialect.packResult(call, liveCodecs(call.result).read(response));
    },
    context: {
      name: creation.instance,
      workDir: creation.workDir ?? '',
      runtimeDir: creation.runtimeDir ?? '',
      log: createLog(notify),
      clock: {
        now: () => Date.now(),
        setTimer(delayMs, callback) {
          const timer = setTimeout(callback, delayMs);
          return { cancel: () => clearTimeout(timer) };
        },
      },
      random: { next: () => Math.random(), uuid: () => randomUUID() },
      signal: abort.signal,
      metrics: createMetrics(notify),
      secrets: {
        async resolve(secret) {
          const call = commonCalls.callbacks.secret;
          const answer = await session.request('secret', dialect.packArgs(call, [secret]));
          return dialect.unpackResult(call, answer) as Uint8Array;
        },
      },
      routes: {
        handle(path, handler) {
          routes.set(path, handler);
          notify('handle', path);
        },
      },
      containers: createCheckpoints(session, dialect, kept),
    },
  };
}

type Notify = (name: keyof typeof commonCalls.callbacks, ...args: readonly unknown[]) => void;

function createLog(notify: Notify): Logger {
  const write = (level: string) => (text: string, fields?: Readonly<Record<string, unknown>>) =>
    notify('log', level, text, fields && toJsonFields(fields));
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

/** A field may be anything; what cannot be JSON is a text. */
function toJsonFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      ['string', 'number', 'boolean'].includes(typeof value) ? value : String(value),
    ]),
  );
}

function createMetrics(notify: Notify): IsolatorContext['metrics'] {
  const gauges = new Map<string, () => number>();
  const push = (): void => {
    for (const [name, read] of gauges) {
      try {
        notify('gauge', name, read());
      } catch {
        // A gauge that fails says nothing; the others go on.
      }
    }
  };
  return {
    counter: (name) => ({ increment: (by) => notify('count', name, by) }),
    gauge(name, read) {
      if (gauges.size === 0) setInterval(push, GAUGE_INTERVAL_MS).unref();
      gauges.set(name, read);
    },
    timer: (name) => ({
      record: (durationMs) => notify('timer', name, durationMs),
      start() {
        const began = performance.now();
        return () => notify('timer', name, performance.now() - began);
      },
    }),
  };
}

function createCheckpoints(
  session: Session,
  dialect: Dialect,
  kept: Kept,
): IsolatorContext['containers'] {
  return {
    get: (id) => kept.get(JSON.stringify(id))?.value,
    async set(id, value) {
      const call = commonCalls.callbacks.checkpoint;
      await session.request('checkpoint', dialect.packArgs(call, [id, value]));
      kept.set(JSON.stringify(id), { id, value });
    },
    all: () => [...kept.values()],
  };
}

function toRequest(given: Readonly<Record<string, unknown>>, signal: AbortSignal): ModuleRequest {
  const { method, rest, query, headers, principal, text } = given;
  return {
    method: method as string,
    rest: rest as string,
    query: new Map(Object.entries(query as Record<string, string>)),
    headers: headers as ModuleRequest['headers'],
    principal: principal as string | undefined,
    signal,
    text: async () => text as string,
  };
}
