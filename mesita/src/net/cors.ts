import type { HttpRequest, HttpResponse } from './http.ts';

/**
 * Headers that let a browser page of a listed origin read the answer. `*` lists every origin.
 * Mesos sends none: dashboards on other origins had to use jsonp.
 */
export function corsHeaders(
  origin: string | undefined,
  allowed: readonly string[],
): Record<string, string> | undefined {
  if (origin === undefined || allowed.length === 0) return undefined;
  if (!allowed.includes(origin) && !allowed.includes('*')) return undefined;
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'Mesos-Stream-Id',
    Vary: 'Origin',
  };
}

/** The answer to the question a browser asks before a request with JSON or credentials. */
export function answerPreflight(
  { method, headers }: Pick<HttpRequest, 'method' | 'headers'>,
  allowed: readonly string[],
): HttpResponse | undefined {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
    return undefined;
  }
  const cors = corsHeaders(headers.origin, allowed);
  return (
    cors && {
      status: 204,
      headers: {
        ...cors,
        'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
        'Access-Control-Allow-Headers':
          'Accept, Authorization, Content-Type, Mesos-Stream-Id, Message-Accept, Message-Content-Type',
        'Access-Control-Max-Age': '600',
      },
    }
  );
}
