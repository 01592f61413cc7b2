import { Agent, type Dispatcher } from 'undici';
import type { ElectionUrl } from '../wire/election-url.ts';

/** What can go wrong: nobody answers, the user may not, or anything else that a server says. */
type EtcdErrorCode = 'UNAVAILABLE' | 'DENIED' | 'SERVER';

export class EtcdError extends Error {
  readonly code: EtcdErrorCode;

  constructor(code: EtcdErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EtcdError';
    this.code = code;
  }
}

const TOO_OLD = 'it does not know /v3: etcd 3.4 or later is needed';

/** Sends requests to whichever server answers. */
interface Caller {
  /** Signs in where there is a credential. */
  ask<T>(path: string, body: object): Promise<T>;
  /** The answer comes in pieces, for as long as `signal` lets it. */
  open(path: string, body: object, signal: AbortSignal): Promise<Dispatcher.ResponseData>;
  close(): void;
}

export function createCaller(address: ElectionUrl, timeoutMs: number): Caller {
  const agent = new Agent({
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: 0,
  });
  let first = 0;
  let token: string | undefined;

  /** Asks one server after another; which one answered is asked first the next time. */
  async function send(path: string, body: object, signalOf: () => AbortSignal) {
    let failure: unknown;
    for (let tried = 0; tried < address.servers.length; tried++) {
      const server = address.servers[first % address.servers.length]!;
      try {
        return await agent.request({
          origin: `http://${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`,
          path: `/v3/${path}`,
          method: 'POST',
          headers: token === undefined ? {} : { authorization: token },
          body: JSON.stringify(body),
          // Each server has its own time: a silent one must not use up that of the others.
          signal: signalOf(),
        });
      } catch (error) {
        failure = error;
        first++;
      }
    }
    throw new EtcdError('UNAVAILABLE', 'no etcd server answers', { cause: failure });
  }

  async function call<T>(path: string, body: object): Promise<T> {
    const answer = await send(path, body, () => AbortSignal.timeout(timeoutMs));
    const text = await answer.body.text().catch((cause: unknown) => {
      throw new EtcdError('UNAVAILABLE', 'the answer of etcd broke off', { cause });
    });
    if (answer.statusCode === 200) return JSON.parse(text) as T;
    const isOld = answer.statusCode === 404;
    const { message = text } = isOld ? { message: TOO_OLD } : parseError(text);
    const isDenied =
      answer.statusCode === 401 || answer.statusCode === 403 || /auth|permission/i.test(message);
    const isAway = answer.statusCode === 503 || /no leader|timed out|leader changed/i.test(message);
    throw new EtcdError(isDenied ? 'DENIED' : isAway ? 'UNAVAILABLE' : 'SERVER', message.trim());
  }

  /** Tokens end with the server that gave them: one more try with a new one. */
  async function ask<T>(path: string, body: object): Promise<T> {
    const { credential } = address;
    if (credential === undefined) return call<T>(path, body);
    const isFresh = token === undefined;
    token ??= (await call<{ token: string }>('auth/authenticate', credential)).token;
    try {
      return await call<T>(path, body);
    } catch (error) {
      if (isFresh || !(error instanceof EtcdError) || error.code !== 'DENIED') throw error;
      token = undefined;
      return ask<T>(path, body);
    }
  }

  return {
    ask,
    open: (path, body, signal) => send(path, body, () => signal),
    close: () => void agent.destroy().catch(() => undefined),
  };
}

function parseError(text: string): { readonly message?: string } {
  try {
    return JSON.parse(text) as { message?: string };
  } catch {
    return {};
  }
}
