import type { HttpRequest, HttpResponse } from './http.ts';
import { json } from './jsonp.ts';
import { refuseMethod } from './methods.ts';
import type { DaemonSurface } from './operator-calls.ts';
import { failure } from './responses.ts';

/** `/flags`. Methods matter only where somebody is asked: so it is in Mesos. */
export async function flags(
  { flags: shown, authorization }: DaemonSurface,
  request: HttpRequest,
): Promise<HttpResponse> {
  const refusal = authorization.isOn ? refuseMethod(request.method, 'GET') : undefined;
  if (refusal) return refusal;
  if (!(await authorization.authorized(request, 'VIEW_FLAGS'))) return failure(403);
  return json(request, JSON.stringify({ flags: Object.fromEntries(shown) }));
}
