// Is this value a message? Modules of other homes, and untyped ones, may answer anything.
import { ShapeError } from '@mesita/sdk/module/calls';
import type { Field, MessageSchema } from '../../wire/descriptor.ts';

type Message = Readonly<Record<string, unknown>>;

/** Deeper than any message of Mesos, so that what refers to itself ends. */
const MAX_DEPTH = 64;

/** Throws a ShapeError that names the field. Members that the schema does not know are let pass. */
export function checkMessage(
  schema: MessageSchema<unknown>,
  value: unknown,
  isPartial: boolean,
): void {
  check(schema, value, isPartial, 0);
}

function check(
  schema: MessageSchema<unknown>,
  value: unknown,
  isPartial: boolean,
  depth: number,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError(`Expecting a ${schema.name}`);
  }
  if (depth > MAX_DEPTH) throw new ShapeError(`${schema.name} is nested too deeply`);
  for (const field of schema.fields) {
    const member = (value as Message)[field.property];
    if (member !== undefined) checkField(schema, field, member, depth);
    else if (field.label === 'required' && !isPartial) {
      throw new ShapeError(`${schema.name}.${field.property} is missing`);
    }
  }
}

function checkField(
  schema: MessageSchema<unknown>,
  field: Field,
  member: unknown,
  depth: number,
): void {
  const wrong = () => new ShapeError(`${schema.name}.${field.property} is not what it should be`);
  if (field.label === 'repeated') {
    if (!Array.isArray(member)) throw wrong();
    for (const element of member) checkValue(field, element, wrong, depth);
  } else if (field.label === 'map') {
    if (typeof member !== 'object' || member === null) throw wrong();
    for (const element of Object.values(member)) checkValue(field, element, wrong, depth);
  } else checkValue(field, member, wrong, depth);
}

function checkValue(field: Field, value: unknown, wrong: () => ShapeError, depth: number): void {
  const { type } = field;
  if (typeof type === 'object') {
    if (type.kind === 'message') check(type, value, false, depth + 1);
    else if (typeof value !== 'string' || !Object.hasOwn(type.numbers, value)) throw wrong();
    return;
  }
  if (type === 'bytes') {
    if (!(value instanceof Uint8Array)) throw wrong();
    return;
  }
  const wanted =
    type === 'string' ? 'string' : type === 'bool' ? 'boolean' : field.big ? 'bigint' : 'number';
  if (typeof value !== wanted) throw wrong();
}
