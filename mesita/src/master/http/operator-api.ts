// `POST /api/v1`: the operator API. Reads are answered here; what changes the cluster is the core's.
import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { master } from '@mesita/sdk/types';
import { readCall } from '../../net/call.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import {
  acceptedType,
  JSON_TYPE,
  type MessageType,
  notAcceptable,
  PROTOBUF_TYPE,
} from '../../net/media-types.ts';
import { refuseMethod } from '../../net/methods.ts';
import { operatorCalls } from '../../net/operator-calls.ts';
import { failure } from '../../net/responses.ts';
import { type View, viewFor, viewOf } from '../../net/view.ts';
import { encode } from '../../wire/protobuf.ts';
import * as schema from '../../wire/schema/master.ts';
import type { MasterState } from '../core/state.ts';
import { validateMasterCall } from '../core/validation/master-call.ts';
import { redirectToLeader, refuseUnrecovered } from './leadership.ts';
import { changeMaintenance, maintenanceSchedule, maintenanceStatus } from './maintenance.ts';
import { responseJson } from './operator-json.ts';
import * as reads from './operator-reads.ts';
import { changesBy, quotasFor } from './permissions.ts';
import { removeQuota } from './quota.ts';
import { changeResources, operationOf } from './resource-changes.ts';
import type { MasterSurface } from './surface.ts';

type Answer = Omit<master.Response, 'type'> | HttpResponse;
type Type = NonNullable<master.Call['type']>;
type Handler = (
  surface: MasterSurface,
  call: master.Call,
  request: HttpRequest,
) => Answer | Promise<Answer>;

/** A read, of what its client may see. */
const seen =
  (read: (state: MasterState, view: View) => Answer): Handler =>
  (surface, _call, request) =>
    viewFor(surface, request, (view) => read(surface.state, view));

function changeOfAgent(surface: MasterSurface, call: master.Call, request: HttpRequest) {
  const { drainAgent, deactivateAgent, reactivateAgent, markAgentGone } = call;
  const part = drainAgent ?? deactivateAgent ?? reactivateAgent ?? markAgentGone;
  return changesBy(surface, request).changeAgent(
    (part?.agentId.value ?? '') as AgentId,
    drainAgent
      ? { kind: 'drain', ...drainTerms(drainAgent) }
      : { kind: deactivateAgent ? 'deactivate' : reactivateAgent ? 'reactivate' : 'markGone' },
  );
}

function drainTerms({ maxGracePeriod, markGone = false }: master.Call.DrainAgent) {
  if (!maxGracePeriod) return { markGone };
  const { seconds = 0, nanos = 0 } = maxGracePeriod;
  return { markGone, maxGracePeriod: { nanoseconds: BigInt(seconds) * NANOS + BigInt(nanos) } };
}

const NANOS = 1_000_000_000n;

function change(surface: MasterSurface, call: master.Call, request: HttpRequest) {
  const asked = operationOf(call);
  return asked ? changeResources(surface, request, ...asked) : failure(400);
}

const handlers: Partial<Record<Type, Handler>> = {
  ...operatorCalls,
  GET_STATE: seen((state, view) => ({ getState: reads.getState(state, view) })),
  GET_AGENTS: seen((state, view) => ({ getAgents: reads.getAgents(state, view) })),
  GET_FRAMEWORKS: seen((state, view) => ({ getFrameworks: reads.getFrameworks(state, view) })),
  GET_EXECUTORS: seen((state, view) => ({ getExecutors: reads.getExecutors(state, view) })),
  GET_TASKS: seen((state, view) => ({ getTasks: reads.getTasks(state, view) })),
  GET_ROLES: seen((state, view) => ({ getRoles: reads.getRoles(state, view) })),
  GET_WEIGHTS: seen((state, view) => ({ getWeights: reads.getWeights(state, view) })),
  GET_OPERATIONS: seen((state, view) => ({ getOperations: reads.getOperations(state, view) })),
  GET_QUOTA: async (surface, _call, request) => ({
    getQuota: await quotasFor(surface, request, (isSeen) => reads.getQuota(surface.state, isSeen)),
  }),
  GET_MASTER: ({ state }) => ({
    getMaster: {
      masterInfo: state.info,
      startTime: state.startedAt / 1000,
      electedTime: state.electedAt ? state.electedAt / 1000 : undefined,
    },
  }),
  GET_MAINTENANCE_STATUS: async (surface, _call, request) => ({
    getMaintenanceStatus: { status: await maintenanceStatus(surface, request) },
  }),
  GET_MAINTENANCE_SCHEDULE: async (surface, _call, request) => ({
    getMaintenanceSchedule: { schedule: await maintenanceSchedule(surface, request) },
  }),
  UPDATE_MAINTENANCE_SCHEDULE: (surface, { updateMaintenanceSchedule: call }, request) =>
    changeMaintenance(surface, request, { kind: 'schedule', schedule: call?.schedule ?? {} }),
  START_MAINTENANCE: (surface, { startMaintenance: call }, request) =>
    changeMaintenance(surface, request, { kind: 'start', machines: call?.machines ?? [] }),
  STOP_MAINTENANCE: (surface, { stopMaintenance: call }, request) =>
    changeMaintenance(surface, request, { kind: 'stop', machines: call?.machines ?? [] }),
  UPDATE_WEIGHTS: (surface, { updateWeights }, request) =>
    changesBy(surface, request).updateWeights(updateWeights?.weightInfos ?? []),
  UPDATE_QUOTA: (surface, { updateQuota }, request) =>
    changesBy(surface, request).updateQuota(
      updateQuota?.quotaConfigs ?? [],
      updateQuota?.force ?? false,
    ),
  SET_QUOTA: (surface, { setQuota }, request) =>
    changesBy(surface, request).setQuota(setQuota?.quotaRequest ?? {}),
  REMOVE_QUOTA: (surface, { removeQuota: call }, request) =>
    removeQuota(surface, request, call?.role ?? '', 'Failed to remove quota'),
  RESERVE_RESOURCES: change,
  UNRESERVE_RESOURCES: change,
  CREATE_VOLUMES: change,
  DESTROY_VOLUMES: change,
  GROW_VOLUME: change,
  SHRINK_VOLUME: change,
  DRAIN_AGENT: changeOfAgent,
  DEACTIVATE_AGENT: changeOfAgent,
  REACTIVATE_AGENT: changeOfAgent,
  MARK_AGENT_GONE: changeOfAgent,
  TEARDOWN: (surface, { teardown }, request) =>
    changesBy(surface, request).teardown((teardown?.frameworkId.value ?? '') as FrameworkId),
};

export async function operatorApi(
  surface: MasterSurface,
  request: HttpRequest,
): Promise<HttpResponse> {
  const refusal =
    redirectToLeader(surface.state, request) ??
    refuseUnrecovered(surface.state) ??
    refuseMethod(request.method, 'POST');
  if (refusal) return refusal;
  const call = await readCall(request, schema.Call);
  if (!call.ok) return call.error;
  const invalid = validateMasterCall(call.value);
  if (invalid !== undefined) return failure(400, `Failed to validate master::Call: ${invalid}`);
  const accept = acceptedType(request, [JSON_TYPE, PROTOBUF_TYPE]);
  if (!accept) return notAcceptable();
  const type = call.value.type ?? 'UNKNOWN';
  if (type === 'UNKNOWN') return failure(501);
  if (type === 'SUBSCRIBE') {
    return surface.subscribe(await viewOf(surface, request), accept, request.signal);
  }
  const handler = handlers[type];
  if (!handler) return failure(501, `${type} is not supported yet`);
  const answer = await handler(surface, call.value, request);
  return 'status' in answer ? answer : render(accept, { type: type as never, ...answer });
}

function render(accept: MessageType, response: master.Response): HttpResponse {
  const body = accept === JSON_TYPE ? responseJson(response) : encode(schema.Response, response);
  return { status: 200, headers: { 'Content-Type': accept }, body };
}
