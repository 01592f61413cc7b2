// `/quota`, and the taking back that it shares with the operator API.
import type { Subject } from '../../net/authorization.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { readJsonBody } from '../../net/json-body.ts';
import { json } from '../../net/jsonp.ts';
import { failure } from '../../net/responses.ts';
import { fromJson, parseTextAs, toJson } from '../../wire/json.ts';
import * as schema from '../../wire/schema/quota.ts';
import { isDefaultQuota } from '../core/handlers/quota.ts';
import { getQuota } from './operator-reads.ts';
import { changesBy, quotasFor } from './permissions.ts';
import type { MasterSurface } from './surface.ts';

export async function quota(surface: MasterSurface, request: HttpRequest): Promise<HttpResponse> {
  if (request.method === 'GET') {
    const { status } = await quotasFor(surface, request, (isSeen) =>
      getQuota(surface.state, isSeen),
    );
    return json(request, JSON.stringify(toJson(schema.QuotaStatus, status)));
  }
  return request.method === 'DELETE' ? remove(surface, request) : set(surface, request);
}

async function set(surface: MasterSurface, request: HttpRequest): Promise<HttpResponse> {
  const asked = await readJsonBody(request, {
    parse: (text) => parseTextAs('object', text),
    read: (value) => fromJson(schema.QuotaRequest, value),
    prefixes: (text) => {
      const prefix = `Failed to parse set quota request JSON '${text}': `;
      return { parse: prefix, read: prefix };
    },
  });
  return asked.ok ? changesBy(surface, request).setQuota(asked.value) : asked.error;
}

/** Everything behind `/quota/` is the role, slashes included. */
function remove(
  surface: MasterSurface,
  request: HttpRequest,
): HttpResponse | Promise<HttpResponse> {
  const { path, rest = '' } = request;
  const full = path.startsWith('/master/') ? path : `/master${path}`;
  if (rest === '') {
    const reason = 'expected 3 tokens, found 2 tokens';
    return failure(400, `Failed to parse remove quota request for path '${full}': ${reason}`);
  }
  return removeQuota(surface, request, rest, `Failed to remove quota for path '${full}'`);
}

export function removeQuota(
  surface: MasterSurface,
  subject: Subject,
  role: string,
  prefix: string,
): HttpResponse | Promise<HttpResponse> {
  const quota = surface.state.quotas.get(role);
  if (!quota || isDefaultQuota(quota)) {
    return failure(400, `${prefix}: Role '${role}' has no quota set`);
  }
  return changesBy(surface, subject).removeQuota(role);
}
