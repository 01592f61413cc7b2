// What the agent API makes of a call's media types, in the order that clients observe.
import { err, ok, type Result } from '@mesita/sdk/base';
import type { Call } from '@mesita/sdk/types/agent';
import type { HttpRequest, HttpResponse } from '../../net/http.ts';
import {
  acceptedType,
  agentNotAcceptable,
  type ContentType,
  contentType,
  JSON_TYPE,
  type MessageType,
  PROTOBUF_TYPE,
  RECORDIO_TYPE,
} from '../../net/media-types.ts';
import { failure } from '../../net/responses.ts';

const all = [JSON_TYPE, PROTOBUF_TYPE, RECORDIO_TYPE] as const;

/** Only these calls may send, or be answered by, a stream of records. */
const streamingRequests: ReadonlySet<Call['type']> = new Set(['ATTACH_CONTAINER_INPUT']);
const streamingResponses: ReadonlySet<Call['type']> = new Set([
  'ATTACH_CONTAINER_OUTPUT',
  'LAUNCH_NESTED_CONTAINER_SESSION',
]);

/** Whether the body is a stream of records, of which the first is the call. */
export function isStream({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  return headers['content-type'] === RECORDIO_TYPE;
}

/** The type of the one message that the body is, or that its records are. */
export function requestType(request: HttpRequest): Result<MessageType, HttpResponse> {
  const type = contentType(request, all);
  if (!type.ok) return type;
  const records = request.headers['message-content-type'];
  if (type.value === RECORDIO_TYPE) {
    if (records === JSON_TYPE || records === PROTOBUF_TYPE) return ok(records);
    return err(
      records === undefined
        ? failure(400, "Expecting 'Message-Content-Type' to be set for streaming requests")
        : failure(415, `Expecting 'Message-Content-Type' of ${JSON_TYPE} or ${PROTOBUF_TYPE}`),
    );
  }
  if (records !== undefined)
    return err(
      failure(415, "Expecting 'Message-Content-Type' to be not set for non-streaming requests"),
    );
  return ok(type.value);
}

/** The type of messages, and of a body of many of them. */
export interface Accepted {
  readonly message: MessageType;
  readonly content: ContentType;
}

/** Refuses what the call cannot be asked or answered in; the type of its answer otherwise. */
export function responseType(request: HttpRequest, call: Call): Result<Accepted, HttpResponse> {
  const mayStream = streamingRequests.has(call.type);
  if (isStream(request) && !mayStream) {
    const reason = `Streaming 'Content-Type' ${RECORDIO_TYPE} is not supported for ${call.type} call`;
    return err(failure(415, reason));
  }
  if (mayStream && !isStream(request)) {
    const reason = `Expecting 'Content-Type' to be ${RECORDIO_TYPE} for ${call.type} call`;
    return err(failure(415, reason));
  }
  const accepted = acceptedType(request, all);
  if (!accepted) return err(agentNotAcceptable());
  if (accepted === RECORDIO_TYPE) {
    if (streamingResponses.has(call.type)) return recordsType(request);
    return err(failure(406, `Streaming response is not supported for ${call.type} call`));
  }
  if (request.headers['message-accept'] !== undefined)
    return err(
      failure(406, "Expecting 'Message-Accept' to be not set for non-streaming responses"),
    );
  return ok({ message: accepted, content: accepted });
}

/** Whoever does not say gets JSON. */
function recordsType({ headers }: HttpRequest): Result<Accepted, HttpResponse> {
  const wanted = { headers: { accept: headers['message-accept'] } };
  const message = acceptedType(wanted, [JSON_TYPE, PROTOBUF_TYPE]);
  if (message) return ok({ message, content: RECORDIO_TYPE });
  return err(failure(406, `Expecting 'Message-Accept' to allow ${JSON_TYPE} or ${PROTOBUF_TYPE}`));
}
