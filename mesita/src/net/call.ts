// The body of a v1 call: its media type, its text, its fields. Every API refuses in these words.
import { err, ok, type Result } from '@mesita/sdk/base';
import type { MessageSchema } from '../wire/descriptor.ts';
import { DecodeError } from '../wire/errors.ts';
import { fromJson, parseText } from '../wire/json.ts';
import { decode } from '../wire/protobuf.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { contentType, JSON_TYPE, type MessageType, PROTOBUF_TYPE } from './media-types.ts';
import { failure } from './responses.ts';

export async function readCall<T>(
  request: HttpRequest,
  schema: MessageSchema<T>,
): Promise<Result<T, HttpResponse>> {
  const type = contentType(request, [JSON_TYPE, PROTOBUF_TYPE]);
  return type.ok ? parseCall(schema, type.value, await request.body()) : type;
}

/** What a refusal says of a body that is no call. */
export interface CallTexts {
  readonly protobuf: string;
  /** Stands before what is wrong with a field. */
  readonly json: string;
}

const texts: CallTexts = {
  protobuf: 'Failed to parse body into Call protobuf',
  json: 'Failed to convert JSON into Call protobuf: ',
};

export function parseCall<T>(
  schema: MessageSchema<T>,
  type: MessageType,
  body: Uint8Array,
  { protobuf, json: fieldText }: CallTexts = texts,
): Result<T, HttpResponse> {
  if (type === PROTOBUF_TYPE)
    return attempt(
      () => decode(schema, body),
      () => protobuf,
    );
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const json = attempt(
    () => parseText(text),
    (reason) => `Failed to parse body into JSON: ${reason}`,
  );
  if (!json.ok) return json;
  return attempt(
    () => fromJson(schema, json.value),
    (reason) => `${fieldText}${reason}`,
  );
}

function attempt<T>(read: () => T, explain: (reason: string) => string): Result<T, HttpResponse> {
  try {
    return ok(read());
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return err(failure(400, explain(error.message)));
  }
}
