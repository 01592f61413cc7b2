import { err, ok, type Result } from '@mesita/sdk/base';
import { acceptsMediaType } from './accept.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { failure } from './responses.ts';

export const JSON_TYPE = 'application/json';
export const PROTOBUF_TYPE = 'application/x-protobuf';
export const RECORDIO_TYPE = 'application/recordio';

export type MessageType = typeof JSON_TYPE | typeof PROTOBUF_TYPE;
export type ContentType = MessageType | typeof RECORDIO_TYPE;

type Headers = Pick<HttpRequest, 'headers'>;

/** The request's Content-Type: compared exactly, no parameters, no other case. */
export function contentType<T extends ContentType>(
  { headers }: Headers,
  allowed: readonly T[],
): Result<T, HttpResponse> {
  const sent = headers['content-type'];
  if (sent === undefined) return err(failure(400, "Expecting 'Content-Type' to be present"));
  const known = allowed.find((type) => type === sent);
  if (known) return ok(known);
  return err(failure(415, `Expecting 'Content-Type' of ${allowed.join(' or ')}`));
}

/** The first of `preferred` that `Accept` allows. */
export function acceptedType<T extends ContentType>(
  { headers }: Headers,
  preferred: readonly T[],
): T | undefined {
  return preferred.find((type) => acceptsMediaType(headers.accept, type));
}

/** Refusal of the scheduler and master calls. */
export function notAcceptable(): HttpResponse {
  return failure(406, `Expecting 'Accept' to allow '${PROTOBUF_TYPE}' or '${JSON_TYPE}'`);
}

/** Refusal of the agent's calls. */
export function agentNotAcceptable(): HttpResponse {
  return failure(
    406,
    `Expecting 'Accept' to allow ${JSON_TYPE} or ${PROTOBUF_TYPE} or ${RECORDIO_TYPE}`,
  );
}
