import type { HttpRequest, HttpResponse } from './http.ts';

/**
 * JSON text as the answer to a read, wrapped when the request carries `jsonp`. The function's name
 * is not checked and may be empty, as in Mesos.
 */
export function json(request: Pick<HttpRequest, 'query'>, body: string | Uint8Array): HttpResponse {
  const callback = request.query.get('jsonp');
  if (callback === undefined) {
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body };
  }
  return {
    status: 200,
    headers: { 'Content-Type': 'text/javascript' },
    body:
      typeof body === 'string'
        ? `${callback}(${body})`
        : Buffer.concat([Buffer.from(`${callback}(`), body, Buffer.from(')')]),
  };
}
