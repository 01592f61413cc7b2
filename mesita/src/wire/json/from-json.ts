// From JSON values to messages, by Mesos' rules: `null` is unset, a bare value stands for a list
// of one, numbers and booleans may come as strings, members the schema does not know are ignored.
import type { EnumSchema, Field, MessageSchema, ScalarKind } from '../descriptor.ts';
import { DecodeError } from '../errors.ts';
import { checkRequired } from '../required.ts';
import { decodeBase64 } from './base64.ts';
import { toInt32, toInt64, toUint32, toUint64 } from './integers.ts';
import { type JsonObject, type JsonValue, parseText } from './parse-text.ts';

type Message = Record<string, unknown>;

/** Throws nothing but DecodeError, as long as the value is JSON. */
export function fromJson<T>(schema: MessageSchema<T>, value: unknown): T {
  if (!isObject(value)) throw new DecodeError('Expecting a JSON object');
  const message = readMessage(schema, value);
  checkRequired(schema, message);
  return message as T;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readMessage(schema: MessageSchema<unknown>, object: JsonObject): Message {
  const message: Message = {};
  // Mesos keeps members by name, so that is the order in which the last of a oneof wins and the
  // first error is met.
  for (const name of Object.keys(object).sort()) {
    const field = schema.byName.get(name);
    if (field) readField(schema, field, object[name] as JsonValue, message);
  }
  return message;
}

function readField(
  schema: MessageSchema<unknown>,
  field: Field,
  value: JsonValue,
  message: Message,
): void {
  if (field.label === 'map') readMap(field, value, message);
  else if (field.label === 'repeated') {
    const list: unknown[] = [];
    readElements(field, value, list);
    if (list.length > 0) message[field.property] = list;
  } else readSingular(schema, field, value, message);
}

function readSingular(
  schema: MessageSchema<unknown>,
  field: Field,
  value: JsonValue,
  message: Message,
): void {
  if (Array.isArray(value)) throw unexpected('array', field.name);
  const read = readValue(field, field.name, value);
  if (read === undefined) return;
  if (field.oneof) unsetRivals(schema, field, message);
  message[field.property] = read;
}

/** Lists within the list count as their elements. */
function readElements(field: Field, value: JsonValue, list: unknown[]): void {
  if (Array.isArray(value)) {
    for (const element of value) readElements(field, element, list);
    return;
  }
  const read = readValue(field, field.name, value);
  if (read !== undefined) list.push(read);
}

function readMap(field: Field, value: JsonValue, message: Message): void {
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const element of value) readMap(field, element, message);
    return;
  }
  if (!isObject(value)) throw unexpected(kindOf(value), field.name);
  for (const key of Object.keys(value).sort()) {
    const member = value[key] as JsonValue;
    if (Array.isArray(member)) throw unexpected('array', 'value');
    const read = readValue(field, 'value', member) ?? emptyValue(field.type);
    if (read === undefined) continue;
    message[field.property] ??= Object.create(null);
    (message[field.property] as Message)[key] = read;
  }
}

function emptyValue(type: Field['type']): unknown {
  if (typeof type === 'object') return type.kind === 'message' ? {} : undefined;
  if (type === 'string') return '';
  if (type === 'bytes') return new Uint8Array();
  return type === 'bool' ? false : 0;
}

function unsetRivals(schema: MessageSchema<unknown>, field: Field, message: Message): void {
  for (const rival of schema.fields)
    if (rival !== field && rival.oneof === field.oneof) delete message[rival.property];
}

/** Undefined when the value leaves the field unset. */
function readValue(field: Field, name: string, value: JsonValue): unknown {
  if (value === null) return undefined;
  const { type } = field;
  if (typeof type === 'string') return readScalar(type, field.big === true, name, value);
  if (type.kind === 'enum') return readEnum(type, field, name, value);
  if (!isObject(value)) throw unexpected(kindOf(value), name);
  return readMessage(type, value);
}

function readEnum(type: EnumSchema, field: Field, name: string, value: JsonValue): unknown {
  if (typeof value !== 'string') throw unexpected(kindOf(value), name);
  if (Object.hasOwn(type.numbers, value)) return value;
  if (field.label === 'required') throw new DecodeError(`Failed to find enum for '${value}'`);
  return undefined;
}

function readScalar(type: ScalarKind, big: boolean, name: string, value: JsonValue): unknown {
  if (type === 'string' || type === 'bytes') {
    if (typeof value !== 'string') throw unexpected(kindOf(value), name);
    return type === 'string' ? value : readBytes(name, value);
  }
  const meant = typeof value === 'string' ? readQuoted(type, name, value) : value;
  if (type === 'bool') {
    if (typeof meant !== 'boolean') throw unexpected(kindOf(meant), name);
    return meant;
  }
  if (typeof meant !== 'number' && typeof meant !== 'bigint') throw unexpected(kindOf(meant), name);
  return readNumber(type, big, meant);
}

function readNumber(type: ScalarKind, big: boolean, value: number | bigint): number | bigint {
  switch (type) {
    case 'double':
      return Number(value);
    case 'float':
      return Math.fround(Number(value));
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return toInt32(value);
    case 'uint32':
    case 'fixed32':
      return toUint32(value);
    case 'uint64':
    case 'fixed64':
      return big ? toUint64(value) : Number(toUint64(value));
    default:
      return big ? toInt64(value) : Number(toInt64(value));
  }
}

function readBytes(name: string, text: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (error) {
    const reason = (error as DecodeError).message;
    throw new DecodeError(`Failed to base64 decode bytes field '${name}': ${reason}`);
  }
}

/** A number or boolean that came as a string. */
function readQuoted(type: ScalarKind, name: string, text: string): JsonValue {
  const floating = type === 'double' || type === 'float';
  if (floating && text === 'Infinity') return Number.POSITIVE_INFINITY;
  if (floating && text === '-Infinity') return Number.NEGATIVE_INFINITY;
  const wanted = type === 'bool' ? 'boolean' : 'number';
  const fail = (reason: string) =>
    new DecodeError(`Failed to parse '${text}' as a JSON ${wanted} for field '${name}': ${reason}`);
  let value: JsonValue;
  try {
    value = parseText(text);
  } catch (error) {
    throw fail((error as DecodeError).message);
  }
  if (kindOf(value) !== wanted) throw fail('Unexpected JSON type parsed');
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

const unexpected = (kind: string, name: string) =>
  new DecodeError(`Not expecting a JSON ${kind} for field '${name}'`);
