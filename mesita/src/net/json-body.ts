// Bodies of the endpoints from before the v1 API: JSON without a media type.
import { err, ok, type Result } from '@mesita/sdk/base';
import { DecodeError } from '../wire/errors.ts';
import type { JsonValue } from '../wire/json.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { failure } from './responses.ts';

interface JsonReader<T> {
  readonly parse: (text: string) => JsonValue;
  readonly read: (value: JsonValue) => T;
  /** What stands before the reason: of a body that is no JSON, and of one that does not fit. */
  readonly prefixes?: (text: string) => { readonly parse: string; readonly read: string };
}

/** The error is the answer 400. */
export async function readJsonBody<T>(
  request: Pick<HttpRequest, 'body'>,
  reader: JsonReader<T>,
): Promise<Result<T, HttpResponse>> {
  const text = Buffer.from(await request.body()).toString('utf8');
  const prefixes = reader.prefixes?.(text);
  const value = attempt(() => reader.parse(text), prefixes?.parse);
  return value.ok ? attempt(() => reader.read(value.value), prefixes?.read) : value;
}

function attempt<T>(make: () => T, prefix = ''): Result<T, HttpResponse> {
  try {
    return ok(make());
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return err(failure(400, `${prefix}${error.message}`));
  }
}
