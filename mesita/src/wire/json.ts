// Mesos' JSON of messages; it is not the canonical one of protobuf. Names are the schema's own.
import type { MessageSchema } from './descriptor.ts';
import { DecodeError } from './errors.ts';
import { fromJson } from './json/from-json.ts';
import { type JsonValue, parseText } from './json/parse-text.ts';

export { fromJson } from './json/from-json.ts';
export { type JsonObject, type JsonValue, parseText } from './json/parse-text.ts';
export { type JsonOptions, stringify } from './json/stringify.ts';
export { toJson } from './json/to-json.ts';

/**
 * Reads one message from text. Callers that tell a client which half failed take `parseText` and
 * `fromJson` apart.
 */
export function parse<T>(schema: MessageSchema<T>, text: string): T {
  return fromJson(schema, parseText(text));
}

/** Reads a list of messages; a missing field's path begins at the element. */
export function fromJsonList<T>(schema: MessageSchema<T>, value: unknown): T[] {
  if (!Array.isArray(value)) throw new DecodeError('Expecting a JSON array');
  return value.map((element) => fromJson(schema, element));
}

/**
 * Text of the v0 endpoints, which expect one kind of JSON and name no other: a body of another
 * kind is an `Unexpected JSON type parsed`.
 */
export function parseTextAs(kind: 'object' | 'array', text: string): JsonValue {
  const value = parseText(text);
  const actual = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  if (actual !== kind) throw new DecodeError('Unexpected JSON type parsed');
  return value;
}
