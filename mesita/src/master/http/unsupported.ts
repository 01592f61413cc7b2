// Endpoints whose capability is not built yet. They refuse as Mesos refuses what it can tell apart
// (a wrong method, a missing field), and say so for the rest.

import type { FrameworkId } from '@mesita/sdk/base';
import type { HttpRequest, HttpResponse, Route } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { refuseMethod } from '../../net/methods.ts';
import { failure } from '../../net/responses.ts';
import { toJson } from '../../wire/json.ts';
import * as maintenance from '../../wire/schema/maintenance.ts';
import * as quota from '../../wire/schema/quota.ts';
import { redirectToLeader } from './leadership.ts';
import { getQuota } from './operator-reads.ts';
import type { MasterSurface } from './surface.ts';

const operations = ['/create-volumes', '/destroy-volumes', '/reserve', '/unreserve'];

export function unsupportedRoutes(surface: MasterSurface, realm: string): Route[] {
  const { state } = surface;
  const guarded = (
    path: string,
    methods: readonly string[],
    handler: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
  ): Route => ({
    path,
    realm,
    handler: (request) =>
      redirectToLeader(state, request) ??
      refuseMethod(request.method, ...methods) ??
      handler(request),
  });
  const later = (what: string) => () => failure(501, `${what} is not supported yet`);
  const reading = (body: () => unknown, what: string) => (request: HttpRequest) =>
    request.method === 'GET' ? json(request, JSON.stringify(body())) : later(what)();
  const schedule = () => toJson(maintenance.Schedule, state.schedules[0] ?? {});
  const weights = () => [...state.weights].map(([role, weight]) => ({ role, weight }));

  return [
    ...operations.map((path) =>
      guarded(path, ['POST'], async (request) =>
        (await formField(request, 'slaveId')) === undefined
          ? failure(400, "Missing 'slaveId' query parameter in the request body")
          : later(path)(),
      ),
    ),
    guarded('/machine/down', ['POST'], later('/machine/down')),
    guarded('/machine/up', ['POST'], later('/machine/up')),
    guarded('/maintenance/schedule', ['GET', 'POST'], reading(schedule, 'a maintenance schedule')),
    guarded(
      '/maintenance/status',
      ['GET'],
      reading(() => ({}), 'maintenance'),
    ),
    guarded(
      '/quota',
      ['GET', 'POST', 'DELETE'],
      reading(() => toJson(quota.QuotaStatus, getQuota(state).status), 'setting a quota'),
    ),
    guarded('/weights', ['GET', 'PUT'], reading(weights, 'setting weights')),
    guarded('/teardown', ['POST'], async (request) => {
      const id = await formField(request, 'frameworkId');
      return id === undefined
        ? failure(400, "Missing 'frameworkId' query parameter in the request body")
        : surface.teardown(id as FrameworkId);
    }),
  ];
}

async function formField(request: HttpRequest, name: string): Promise<string | undefined> {
  const body = await request.body();
  return new URLSearchParams(Buffer.from(body).toString('utf8')).get(name) ?? undefined;
}
