// Endpoints whose capability is not built yet. They refuse as Mesos refuses what it can tell apart
// (a wrong method, a missing field), and say so for the rest.

import type { HttpRequest, HttpResponse, Route } from '../../net/http.ts';
import { readJsonBody } from '../../net/json-body.ts';
import { json } from '../../net/jsonp.ts';
import { refuseMethod } from '../../net/methods.ts';
import { failure } from '../../net/responses.ts';
import { fromJsonList, parseTextAs, toJson } from '../../wire/json.ts';
import * as maintenance from '../../wire/schema/maintenance.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { redirectToLeader } from './leadership.ts';
import type { MasterSurface } from './surface.ts';

const machines = ['/machine/down', '/machine/up'];

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

  return [
    ...machines.map((path) =>
      guarded(path, ['POST'], async (request) => {
        const ids = await readMachines(request);
        return ids.ok ? later(path)() : ids.error;
      }),
    ),
    guarded('/maintenance/schedule', ['GET', 'POST'], reading(schedule, 'a maintenance schedule')),
    guarded(
      '/maintenance/status',
      ['GET'],
      reading(() => ({}), 'maintenance'),
    ),
  ];
}

function readMachines(request: HttpRequest) {
  return readJsonBody(request, {
    parse: (text) => parseTextAs('array', text),
    read: (value) => fromJsonList(mesos.MachineID, value),
  });
}
