// The body of a v1 call: its media type, its text, its fields. Every API refuses in these words.
import { err, ok, type Result } from '@mesita/sdk/base';
import type { MessageSchema } from '../wire/descriptor.ts';
import { DecodeError } from '../wire/errors.ts';
import { fromJson, parseText } from '../wire/json.ts';
import { decode } from '../wire/protobuf.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { contentType, JSON_TYPE, PROTOBUF_TYPE } from './media-types.ts';
import { failure } from './responses.ts';

export async function readCall<T>(
  request: HttpRequest,
  schema: MessageSchema<T>,
  unparsable = 'Failed to parse body into Call protobuf',
): Promise<Result<T, HttpResponse>> {
  const type = contentType(request, [JSON_TYPE, PROTOBUF_TYPE]);
  if (!type.ok) return type;
  const body = await request.body();
  if (type.value === PROTOBUF_TYPE)
    return attempt(
      () => decode(schema, body),
      () => unparsable,
    );
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const json = attempt(
    () => parseText(text),
    (reason) => `Failed to parse body into JSON: ${reason}`,
  );
  if (!json.ok) return json;
  return attempt(
    () => fromJson(schema, json.value),
    (reason) => `Failed to convert JSON into Call protobuf: ${reason}`,
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
