// `POST /api/v1/scheduler`: what can be refused before the core sees a call.
import type { StreamId } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
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
import { failure } from '../../net/responses.ts';
import * as schema from '../../wire/schema/scheduler.ts';
import { validateSchedulerCall } from '../core/validation/scheduler-call.ts';
import { redirectToLeader, refuseUnrecovered } from './leadership.ts';
import type { MasterSurface } from './surface.ts';

/** Only these answer with something that has a media type. */
const answering: ReadonlySet<scheduler.Call['type']> = new Set([
  'SUBSCRIBE',
  'RECONCILE_OPERATIONS',
]);

export async function schedulerApi(
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
  const invalid = validateSchedulerCall(call.value, request.principal);
  if (invalid !== undefined) return failure(400, `Failed to validate scheduler::Call: ${invalid}`);
  const accept = answering.has(call.value.type)
    ? acceptedType(request, [JSON_TYPE, PROTOBUF_TYPE])
    : (JSON_TYPE as MessageType);
  if (!accept) return notAcceptable();
  const stream = request.headers['mesos-stream-id'] as StreamId | undefined;
  return surface.schedule({ call: call.value, stream, accept }, request);
}
