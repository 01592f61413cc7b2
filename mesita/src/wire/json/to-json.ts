// Messages as plain JSON values, for answers that are put together from several sources.
import type { Field, MessageSchema } from '../descriptor.ts';
import { encodeBase64 } from './base64.ts';
import type { JsonOptions } from './stringify.ts';
import { type Words, wordsOf } from './words.ts';

type Message = Readonly<Record<string, unknown>>;

/**
 * Infinite values are strings. Nanoseconds round to a number, since JSON.stringify throws on a
 * bigint: where they must be exact, as in an unavailability, take `stringify`.
 */
export function toJson<T>(
  schema: MessageSchema<T>,
  message: T,
  options?: JsonOptions,
): Record<string, unknown> {
  return writeMessage(schema, message as Message, options?.words ?? 'v1');
}

function writeMessage(
  schema: MessageSchema<unknown>,
  message: Message,
  words: Words,
): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = message[field.property];
    const member = value === undefined ? whenUnset(field, words) : writeField(field, value, words);
    if (member !== undefined) json[wordsOf(words).member(field.name)] = member;
  }
  return json;
}

function whenUnset(field: Field, words: Words): unknown {
  if (field.default === undefined || field.deprecated || field.label !== 'optional')
    return undefined;
  return writeValue(field, field.default, words);
}

function writeField(field: Field, value: unknown, words: Words): unknown {
  if (field.label === 'repeated') {
    const list = value as readonly unknown[];
    return list.length > 0 ? list.map((v) => writeValue(field, v, words)) : undefined;
  }
  if (field.label !== 'map') return writeValue(field, value, words);
  const entries = Object.entries(value as Message);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([key, v]) => [key, writeValue(field, v, words)]));
}

function writeValue(field: Field, value: unknown, words: Words): unknown {
  const { type } = field;
  if (typeof type === 'object') {
    if (type.kind === 'message') return writeMessage(type, value as Message, words);
    return wordsOf(words).enumName(value as string);
  }
  if (type === 'bytes') return encodeBase64(value as Uint8Array);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
