// The routes of the process `slave(1)`, in Mesos' names.
import { guardEndpoints } from '../../net/authorization.ts';
import { flags } from '../../net/flags-endpoint.ts';
import type { HttpHandler, HttpProcess, HttpRequest, HttpResponse, Route } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { refuseMethod } from '../../net/methods.ts';
import { empty, failure } from '../../net/responses.ts';
import { viewFor } from '../../net/view.ts';
import {
  containerJson,
  reportContainers,
  selectContainers,
  statisticsJson,
} from './containers-json.ts';
import { operatorApi } from './operator-api.ts';
import { resourceProviderApi } from './resource-provider-api.ts';
import { stateJson } from './state-json.ts';
import type { AgentSurface } from './surface.ts';

const realms = {
  readonly: 'mesos-agent-readonly',
  readwrite: 'mesos-agent-readwrite',
  executor: 'mesos-agent-executor',
  resourceProvider: 'mesos-agent-resource-provider',
} as const;

export interface AgentEndpoints {
  /** `/api/v1/executor`, which belongs to the life of executors. */
  readonly executorApi: HttpHandler;
  readonly receive: NonNullable<HttpProcess['receive']>;
}

export function agentProcess(surface: AgentSurface, endpoints: AgentEndpoints): HttpProcess {
  const guard = guardEndpoints(surface.authorization);

  /** A read that is allowed as a whole, by its path, or not at all. */
  const guarded = (
    path: string,
    answer: (request: HttpRequest) => Promise<HttpResponse>,
  ): Route => ({
    path,
    realm: realms.readonly,
    handler: async (request) => {
      const { isOn } = surface.authorization;
      const refusal = isOn ? refuseMethod(request.method, 'GET') : undefined;
      return refusal ?? (await guard({ ...request, path })) ?? answer(request);
    },
  });
  const route = (path: string, realm: string, handler: HttpHandler): Route => ({
    path,
    realm,
    handler,
  });
  return {
    id: 'slave(1)',
    receive: endpoints.receive,
    routes: [
      route('/api/v1', realms.readwrite, (request) => operatorApi(surface, request)),
      route('/api/v1/executor', realms.executor, endpoints.executorApi),
      route('/api/v1/resource_provider', realms.resourceProvider, resourceProviderApi),
      guarded('/containers', (request) => containers(surface, request)),
      route('/state', realms.readonly, (request) => state(surface, request)),
      guarded('/containerizer/debug', async (request) =>
        json(request, JSON.stringify({ pending: surface.pendingOperations() })),
      ),
      guarded('/monitor/statistics', async (request) => {
        const reports = await reportContainers(surface);
        return json(request, JSON.stringify(reports.map(statisticsJson)));
      }),
      route('/flags', realms.readonly, (request) => flags(surface, request)),
      { path: '/health', handler: () => empty(200) },
    ],
  };
}

async function state(surface: AgentSurface, request: HttpRequest): Promise<HttpResponse> {
  if (surface.state.life === 'RECOVERING') return failure(503, 'Agent has not finished recovery');
  return viewFor(surface, request, (view) =>
    json(request, JSON.stringify(stateJson(surface, view))),
  );
}

async function containers(surface: AgentSurface, request: HttpRequest): Promise<HttpResponse> {
  const selected = selectContainers(await reportContainers(surface, request), request.query);
  if (!selected.ok) return failure(400, selected.error);
  return json(request, JSON.stringify(selected.value.map(containerJson)));
}
