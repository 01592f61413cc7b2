// The routes of the process `master`, in Mesos' names.
import type { HttpHandler, HttpProcess, HttpRequest, HttpResponse, Route } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { empty, failure, redirect } from '../../net/responses.ts';
import { leaderAddress, redirectToLeader } from './leadership.ts';
import { operatorApi } from './operator-api.ts';
import { roleJson, summariseRoles } from './roles-json.ts';
import { schedulerApi } from './scheduler-api.ts';
import { frameworksJson, slavesJson, stateJson, summaryJson } from './state-json.ts';
import type { MasterSurface } from './surface.ts';
import { tasksJson } from './tasks-json.ts';
import { unsupportedRoutes } from './unsupported.ts';

const realms = {
  readonly: 'mesos-master-readonly',
  readwrite: 'mesos-master-readwrite',
  scheduler: 'mesos-master-scheduler',
} as const;

export function masterRoutes(surface: MasterSurface): Route[] {
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
      path: '/flags',
      realm: realms.readonly,
      handler: (request) =>
        json(request, JSON.stringify({ flags: Object.fromEntries(surface.flags) })),
    },
    { path: '/health', handler: () => empty(200) },
    { path: '/redirect', handler: (request) => redirectAny(surface, request) },
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
