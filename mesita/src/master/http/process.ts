// The routes of the process `master`, in Mesos' names.
import type { FrameworkId } from '@mesita/sdk/base';
import type { HttpHandler, HttpProcess, HttpRequest, HttpResponse, Route } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { refuseMethod } from '../../net/methods.ts';
import { empty, failure, redirect } from '../../net/responses.ts';
import { explain } from './explain.ts';
import { leaderAddress, redirectToLeader } from './leadership.ts';
import { operatorApi } from './operator-api.ts';
import { quota } from './quota.ts';
import { roleJson, summariseRoles } from './roles-json.ts';
import { schedulerApi } from './scheduler-api.ts';
import { frameworksJson, slavesJson, stateJson, summaryJson } from './state-json.ts';
import type { MasterSurface } from './surface.ts';
import { tasksJson } from './tasks-json.ts';
import { formField, unsupportedRoutes } from './unsupported.ts';
import { weights } from './weights.ts';

const realms = {
  readonly: 'mesos-master-readonly',
  readwrite: 'mesos-master-readwrite',
  scheduler: 'mesos-master-scheduler',
} as const;

function masterRoutes(surface: MasterSurface): Route[] {
  const { state } = surface;

  /** A read of the leader, as JSON. */
  const read = (path: string, body: (request: HttpRequest) => unknown): Route => ({
    path,
    realm: realms.readonly,
    handler: (request) =>
      redirectToLeader(state, request) ?? json(request, JSON.stringify(body(request))),
  });
  const route = (path: string, realm: string, handler: HttpHandler): Route => ({
    path,
    realm,
    handler,
  });

  /** A change, or the read beside it, by the leader. */
  const write = (path: string, methods: readonly string[], handler: HttpHandler): Route =>
    route(
      path,
      realms.readwrite,
      (request) =>
        redirectToLeader(state, request) ??
        refuseMethod(request.method, ...methods) ??
        handler(request),
    );

  return [
    route('/api/v1', realms.readwrite, (request) => operatorApi(surface, request)),
    route('/api/v1/scheduler', realms.scheduler, (request) => schedulerApi(surface, request)),
    read('/state', () => stateJson(surface)),
    read('/state-summary', () => summaryJson(surface)),
    read('/slaves', ({ query, rest }) =>
      slavesJson(surface, query.get('slave_id') ?? (rest || undefined)),
    ),
    read('/frameworks', ({ query }) => frameworksJson(surface, query.get('framework_id'))),
    read('/tasks', ({ query }) => tasksJson(state, query)),
    read('/roles', () => ({
      roles: summariseRoles(state).map((role) => roleJson(role, state)),
    })),
    {
      path: '/explain',
      realm: realms.readonly,
      help: 'Shows why a framework is not offered what it waits for',
      handler: (request) => redirectToLeader(state, request) ?? explain(surface, request),
    },
    {
      path: '/flags',
      realm: realms.readonly,
      handler: (request) =>
        json(request, JSON.stringify({ flags: Object.fromEntries(surface.flags) })),
    },
    { path: '/health', handler: () => empty(200) },
    { path: '/redirect', handler: (request) => redirectAny(surface, request) },
    write('/teardown', ['POST'], (request) => teardown(surface, request)),
    write('/quota', ['GET', 'POST', 'DELETE'], (request) => quota(surface, request)),
    write('/weights', ['GET', 'PUT'], (request) => weights(surface, request)),
    ...unsupportedRoutes(surface, realms.readwrite),
  ];
}

export function masterProcess(
  surface: MasterSurface,
  receive: NonNullable<HttpProcess['receive']>,
): HttpProcess {
  return { id: 'master', routes: masterRoutes(surface), receive };
}

function redirectAny({ state }: MasterSurface, request: HttpRequest): HttpResponse {
  if (request.rest) return failure(404);
  if (!state.leader) return failure(503, 'No leader elected');
  return redirect(leaderAddress(state));
}

async function teardown(surface: MasterSurface, request: HttpRequest): Promise<HttpResponse> {
  const id = await formField(request, 'frameworkId');
  return id === undefined
    ? failure(400, "Missing 'frameworkId' query parameter in the request body")
    : surface.teardown(id as FrameworkId);
}
