// Required fields, checked once for a whole message, with the paths that Mesos' clients see.
import type { Field, MessageSchema } from './descriptor.ts';
import { DecodeError } from './errors.ts';

// A hostile list of a million empty elements must not become a text of a hundred megabytes.
const maxListed = 100;

type Message = Readonly<Record<string, unknown>>;
type Schema = MessageSchema<unknown>;

/** Throws a DecodeError that lists what is missing, if anything is. */
export function checkRequired(schema: Schema, message: object): void {
  const missing = missingFields(schema, message);
  if (missing.length > 0) throw new DecodeError(`Missing required fields: ${missing.join(', ')}`);
}

/**
 * Dotted paths of the required fields that are unset: `accept.operations[0].type`. The fields of
 * a message itself come before those of its parts. Lists no more than a hundred.
 */
export function missingFields(schema: Schema, message: object): string[] {
  const missing: string[] = [];
  collect(schema, message as Message, [], missing);
  return missing;
}

/** The fields of a schema that matter here: most do not. */
interface Relevant {
  readonly required: readonly Field[];
  readonly parts: readonly (Field & { readonly type: Schema })[];
}

const relevant = new WeakMap<Schema, Relevant>();

function relevantOf(schema: Schema): Relevant {
  let fields = relevant.get(schema);
  if (!fields) {
    fields = {
      required: schema.fields.filter((f) => f.label === 'required'),
      parts: schema.fields.filter(holdsMessages),
    };
    relevant.set(schema, fields);
  }
  return fields;
}

function holdsMessages(field: Field): field is Field & { readonly type: Schema } {
  return typeof field.type === 'object' && field.type.kind === 'message';
}

function collect(schema: Schema, message: Message, path: string[], missing: string[]): void {
  const { required, parts } = relevantOf(schema);
  for (const field of required) {
    if (message[field.property] !== undefined) continue;
    if (missing.length < maxListed) missing.push([...path, field.name].join('.'));
  }
  for (const field of parts) {
    if (missing.length >= maxListed) return;
    const value = message[field.property];
    if (value !== undefined) collectParts(field, field.type, value, path, missing);
  }
}

function collectParts(
  field: Field,
  schema: Schema,
  value: unknown,
  path: string[],
  missing: string[],
): void {
  if (field.label === 'required' || field.label === 'optional') {
    collectPart(schema, value, field.name, path, missing);
    return;
  }
  const isMap = field.label === 'map';
  const parts = isMap ? Object.values(value as Message) : (value as readonly unknown[]);
  for (let i = 0; i < parts.length; i++)
    collectPart(schema, parts[i], `${field.name}[${i}]${isMap ? '.value' : ''}`, path, missing);
}

function collectPart(
  schema: Schema,
  part: unknown,
  segment: string,
  path: string[],
  missing: string[],
): void {
  path.push(segment);
  collect(schema, part as Message, path, missing);
  path.pop();
}
