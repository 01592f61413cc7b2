// The routes of the process `slave(1)`, in Mesos' names.
import type { HttpHandler, HttpProcess, HttpRequest, HttpResponse, Route } from '../../net/http.ts';
import { json } from '../../net/jsonp.ts';
import { empty, failure } from '../../net/responses.ts';
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
  const read = (path: string, body: (request: HttpRequest) => unknown): Route => ({
    path,
    realm: realms.readonly,
    handler: async (request) => json(request, JSON.stringify(await body(request))),
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
      route('/containers', realms.readonly, (request) => containers(surface, request)),
      route('/state', realms.readonly, (request) => state(surface, request)),
      read('/containerizer/debug', () => ({ pending: surface.containers.pending() })),
      read('/monitor/statistics', async () =>
        (await reportContainers(surface)).map(statisticsJson),
      ),
      read('/flags', () => ({ flags: Object.fromEntries(surface.flags) })),
      { path: '/health', handler: () => empty(200) },
    ],
  };
}

function state(surface: AgentSurface, request: HttpRequest): HttpResponse {
  if (surface.state.life === 'RECOVERING') return failure(503, 'Agent has not finished recovery');
  return json(request, JSON.stringify(stateJson(surface)));
}

async function containers(surface: AgentSurface, request: HttpRequest): Promise<HttpResponse> {
  const selected = selectContainers(await reportContainers(surface), request.query);
  if (!selected.ok) return failure(400, selected.error);
  return json(request, JSON.stringify(selected.value.map(containerJson)));
}
