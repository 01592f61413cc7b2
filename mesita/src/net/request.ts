import type { HttpRequest } from './http.ts';
import { parseTarget } from './target.ts';

interface RequestInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly principal?: string;
  readonly remoteAddress?: string;
  readonly signal?: AbortSignal;
}

/** A request without a socket, for tests and for calls from within. */
export function createRequest(target: string, init: RequestInit = {}): HttpRequest {
  const parsed = parseTarget(target);
  if (!parsed) throw new Error(`bad percent escape in '${target}'`);
  const body = typeof init.body === 'string' ? Buffer.from(init.body) : init.body;
  const bytes = body ?? new Uint8Array();
  const headers = Object.entries(init.headers ?? {});
  return {
    method: init.method ?? (body ? 'POST' : 'GET'),
    ...parsed,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: async () => bytes,
    async *chunks() {
      yield bytes;
    },
    principal: init.principal,
    remoteAddress: init.remoteAddress ?? '127.0.0.1',
    signal: init.signal ?? new AbortController().signal,
  };
}
