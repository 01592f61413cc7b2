import { setTimeout as delay } from 'node:timers/promises';
import type { HttpAuthenticatee } from '@mesita/sdk/module';
import type { FrameworkID, FrameworkInfo } from '@mesita/sdk/types';
import type { Call, Event } from '@mesita/sdk/types/scheduler';
import { basicHttpAuthenticatee } from '../builtin/http-authenticatee/basic.ts';
import { createAuthentication } from './authentication.ts';
import { type ContentType, codecOf } from './codec.ts';
import { CallFailed, SubscriptionRefused } from './errors.ts';
import { openSession, type Session } from './session.ts';

export interface SchedulerOptions {
  /**
   * `host:port` of any master, or several between commas; the leader is found from there. A function
   * is asked before each subscription.
   */
  readonly master: string | (() => Promise<string>);
  /** With an id: a framework that comes back. */
  readonly framework: FrameworkInfo;
  readonly suppressedRoles?: readonly string[];
  readonly credential?: { readonly principal: string; readonly secret: string };
  /** Asked before each request for its headers; `basic` by default. */
  readonly authenticatee?: HttpAuthenticatee;
  readonly contentType?: ContentType;
  /** Ends everything, as `close` does. */
  readonly signal?: AbortSignal;
  /** Called each time the subscription was lost or could not be made; it is tried again. */
  readonly onDisconnected?: (reason: string) => void;
  /** First pause before trying again; it doubles each time up to half a minute. */
  readonly backoffMs?: number;
}

export interface Scheduler {
  /**
   * Starts when iterated, once. Subscribes again whenever the subscription is lost, so SUBSCRIBED
   * comes more than once. Ends after an ERROR event and after `close`; throws SubscriptionRefused.
   */
  readonly events: AsyncIterable<Event>;
  /** Known from the first SUBSCRIBED on. */
  readonly frameworkId: FrameworkID | undefined;
  /** Puts the framework's id in. Throws CallFailed when there is no subscription or it is refused. */
  call(call: Call): Promise<void>;
  /** Goes away; the framework stays at the master for its failover timeout. */
  close(): void;
}

const MAX_BACKOFF_MS = 30_000;

export function connect(options: SchedulerOptions): Scheduler {
  const closing = new AbortController();
  options.signal?.addEventListener('abort', () => closing.abort(), { once: true });
  if (options.signal?.aborted) closing.abort();

  const authentication = createAuthentication(
    options.authenticatee ?? basicHttpAuthenticatee,
    options.credential,
  );
  let frameworkId = options.framework.id;
  let session: Session | undefined;
  closing.signal.addEventListener('abort', () => session?.close(), { once: true });

  async function* run(): AsyncGenerator<Event> {
    let failures = 0;
    while (!closing.signal.aborted) {
      try {
        const { master: where } = options;
        const masters = masterUrls(typeof where === 'string' ? where : await where());
        const master = masters[failures % masters.length]!;
        session = await openSession(master, subscription(options, frameworkId), {
          codec: codecOf(options.contentType ?? 'protobuf'),
          authentication,
          signal: closing.signal,
        });
        for await (const event of session.events) {
          if (event.type === 'SUBSCRIBED') {
            frameworkId = event.subscribed?.frameworkId;
            failures = 0;
          }
          yield event;
          if (event.type === 'ERROR') return;
        }
        throw new Error(`${master} ended the subscription`);
      } catch (error) {
        if (closing.signal.aborted) return;
        if (error instanceof SubscriptionRefused) throw error;
        options.onDisconnected?.(describe(error));
      } finally {
        session?.close();
        session = undefined;
      }
      await pause(options.backoffMs ?? 500, failures, closing.signal);
      failures += 1;
    }
  }

  return {
    events: run(),
    get frameworkId() {
      return frameworkId;
    },
    async call(call) {
      if (session === undefined || frameworkId === undefined) {
        throw new CallFailed(`${call.type} not sent: there is no subscription`);
      }
      await session.call({ frameworkId, ...call });
    },
    close: () => closing.abort(),
  };
}

function subscription(options: SchedulerOptions, id: FrameworkID | undefined): Call {
  const { framework, suppressedRoles } = options;
  return {
    type: 'SUBSCRIBE',
    ...(id && { frameworkId: id }),
    subscribe: {
      frameworkInfo: id === undefined ? framework : { ...framework, id },
      ...(suppressedRoles && { suppressedRoles }),
    },
  };
}

function masterUrls(text: string): readonly string[] {
  const masters = text.split(',').map((each) => each.trim());
  return masters
    .filter((each) => each !== '')
    .map((each) => (/^https?:\/\//.test(each) ? each.replace(/\/+$/, '') : `http://${each}`));
}

/** Grows by doubling; a random half, so that many who lost one master do not return as one. */
async function pause(firstMs: number, failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(firstMs * 2 ** failures, MAX_BACKOFF_MS);
  await delay(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
}

function describe(error: unknown): string {
  const { message, cause } = error as Error;
  const reason = (cause as Error | undefined)?.message;
  return reason === undefined || reason === '' ? message : `${message}: ${reason}`;
}
