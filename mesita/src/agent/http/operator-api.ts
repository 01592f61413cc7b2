// `POST /api/v1` of the agent.
import { ok } from '@mesita/sdk/base';
import type { Response } from '@mesita/sdk/types/agent';
import type { Action } from '@mesita/sdk/types/authorizer';
import { type CallTexts, parseCall } from '../../net/call.ts';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import { JSON_TYPE, type MessageType } from '../../net/media-types.ts';
import { refuseMethod } from '../../net/methods.ts';
import { operatorCalls } from '../../net/operator-calls.ts';
import { empty, failure } from '../../net/responses.ts';
import { viewFor } from '../../net/view.ts';
import { encode } from '../../wire/protobuf.ts';
import * as schema from '../../wire/schema/agent.ts';
import { validateAgentCall } from '../core/validation/agent-call.ts';
import { attachCalls } from './attach-calls.ts';
import { containerCalls } from './container-calls.ts';
import { listContainers } from './get-containers.ts';
import { isStream, requestType, responseType } from './media-types.ts';
import type { Answer, Handler, Handlers } from './operator-handler.ts';
import { responseJson } from './operator-json.ts';
import * as reads from './operator-reads.ts';
import { readRecords, takeFirst } from './records.ts';
import type { AgentSurface } from './surface.ts';
import { type SeenState, seenBy } from './view.ts';

const texts: CallTexts = { protobuf: 'Failed to parse body into a protobuf object', json: '' };

/** A read, of what its client may see. */
const seen =
  (read: (state: SeenState) => Answer): Handler =>
  (surface, _call, request) =>
    viewFor(surface, request, (view) => read(seenBy(surface.state, view)));

/** Allowed as a whole, or not at all. */
const allowed =
  (action: Action, answer: () => Answer): Handler =>
  async ({ authorization }, _call, request) =>
    (await authorization.authorized(request, action)) ? answer() : failure(403);

const handlers: Handlers = {
  ...operatorCalls,
  ...containerCalls,
  ...attachCalls,
  GET_STATE: seen((state) => ({ getState: reads.getState(state) })),
  GET_FRAMEWORKS: seen((state) => ({ getFrameworks: reads.getFrameworks(state) })),
  GET_EXECUTORS: seen((state) => ({ getExecutors: reads.getExecutors(state) })),
  GET_TASKS: seen((state) => ({ getTasks: reads.getTasks(state) })),
  GET_AGENT: ({ state }) => ({ getAgent: reads.getAgent(state) }),
  GET_CONTAINERS: async (surface, { getContainers = {} }, request) => {
    const containers = await listContainers(surface, request, getContainers);
    return containers.length > 0 ? { getContainers: { containers } } : {};
  },
  GET_OPERATIONS: () => ({ getOperations: {} }),
  GET_RESOURCE_PROVIDERS: allowed('VIEW_RESOURCE_PROVIDER', () => ({ getResourceProviders: {} })),
  // Of a provider that nobody knows Mesos says so too; none can subscribe yet.
  MARK_RESOURCE_PROVIDER_GONE: allowed('MARK_RESOURCE_PROVIDER_GONE', () => empty(200)),
  // There is no image yet that could be pruned.
  PRUNE_IMAGES: allowed('PRUNE_IMAGES', () => empty(200)),
};

export async function operatorApi(
  surface: AgentSurface,
  request: HttpRequest,
): Promise<HttpResponse> {
  if (surface.state.life === 'RECOVERING') return failure(503, 'Agent has not finished recovery');
  const refusal = refuseMethod(request.method, 'POST');
  if (refusal) return refusal;
  const sent = requestType(request);
  if (!sent.ok) return sent.error;
  const records = readRecords(request);
  const body = isStream(request) ? await takeFirst(records) : ok(await request.body());
  if (!body.ok) return body.error;
  const call = parseCall(schema.Call, sent.value, body.value, texts);
  if (!call.ok) return call.error;
  const invalid = validateAgentCall(call.value);
  if (invalid !== undefined) return failure(400, `Failed to validate agent::Call: ${invalid}`);
  const accept = responseType(request, call.value);
  if (!accept.ok) return accept.error;
  const type = call.value.type ?? 'UNKNOWN';
  if (type === 'UNKNOWN') return failure(501);
  const handler = handlers[type];
  if (!handler) return failure(501, `${type} is not supported yet`);
  const whole = { ...request, accepted: accept.value, records, recordType: sent.value };
  const answer = await handler(surface, call.value, whole);
  if ('status' in answer) return answer;
  return render(accept.value.message, { type: type as never, ...answer });
}

function render(accept: MessageType, response: Response): HttpResponse {
  const body = accept === JSON_TYPE ? responseJson(response) : encode(schema.Response, response);
  return { status: 200, headers: { 'Content-Type': accept }, body };
}
