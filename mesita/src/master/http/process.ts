// The routes of the process `master`, in Mesos' names.
import type { FrameworkId } from '@mesita/sdk/base';
import { flags } from '../../net/flags-endpoint.ts';
import type { HttpHandler, HttpProcess, HttpRequest, HttpResponse, Route } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { refuseMethod } from '../../net/methods.ts';
import { empty, failure, redirect } from '../../net/responses.ts';
import { type View, viewFor } from '../../net/view.ts';
import { explain } from './explain.ts';
import { readForm } from './form.ts';
import { leaderAddress, redirectToLeader } from './leadership.ts';
import { machineEndpoint, scheduleEndpoint, statusEndpoint } from './maintenance.ts';
import { operatorApi } from './operator-api.ts';
import { changesBy } from './permissions.ts';
import { quota } from './quota.ts';
import { resourceForm, resourceForms } from './resource-changes.ts';
import { roleJson, rolesIn } from './roles-json.ts';
import { schedulerApi } from './scheduler-api.ts';
import { frameworksJson, slavesJson, stateJson, summaryJson } from './state-json.ts';
import type { MasterSurface } from './surface.ts';
import { tasksJson } from './tasks-json.ts';
import { weights } from './weights.ts';

const realms = {
  readonly: 'mesos-master-readonly',
  readwrite: 'mesos-master-readwrite',
  scheduler: 'mesos-master-scheduler',
} as const;

function masterRoutes(surface: MasterSurface): Route[] {
  const { state } = surface;

  /** A read of the leader, of what its client may see, as JSON. */
  const read = (path: string, body: (view: View, request: HttpRequest) => unknown): Route => ({
    path,
    realm: realms.readonly,
    handler: async (request) =>
      redirectToLeader(state, request) ??
      viewFor(surface, request, (view) => json(request, JSON.stringify(body(view, request)))),
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
    read('/state', (view) => stateJson(surface, view)),
    read('/state-summary', (view) => summaryJson(surface, view)),
    read('/slaves', (view, { query, rest }) =>
      slavesJson(surface, view, query.get('slave_id') ?? (rest || undefined)),
    ),
    read('/frameworks', (view, { query }) =>
      frameworksJson(surface, view, query.get('framework_id')),
    ),
    read('/tasks', (view, { query }) => tasksJson(state, view, query)),
    read('/roles', (view) => ({
      roles: rolesIn(state, view).map((role) => roleJson(role, state)),
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
      handler: (request) => flags(surface, request),
    },
    { path: '/health', handler: () => empty(200) },
    { path: '/redirect', handler: (request) => redirectAny(surface, request) },
    write('/teardown', ['POST'], (request) => teardown(surface, request)),
    write('/quota', ['GET', 'POST', 'DELETE'], (request) => quota(surface, request)),
    write('/weights', ['GET', 'PUT'], (request) => weights(surface, request)),
    ...Object.entries(resourceForms).map(([path, form]) =>
      write(path, ['POST'], (request) => resourceForm(surface, request, form)),
    ),
    write('/maintenance/schedule', ['GET', 'POST'], (it) => scheduleEndpoint(surface, it)),
    write('/maintenance/status', ['GET'], (request) => statusEndpoint(surface, request)),
    write('/machine/down', ['POST'], (request) => machineEndpoint('start')(surface, request)),
    write('/machine/up', ['POST'], (request) => machineEndpoint('stop')(surface, request)),
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
  const form = await readForm(request);
  if (!form.ok) return form.error;
  const id = form.value.get('frameworkId');
  return id === null
    ? failure(400, "Missing 'frameworkId' query parameter in the request body")
    : changesBy(surface, request).teardown(id as FrameworkId);
}
