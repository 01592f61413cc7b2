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

function collect(schema: Schema, message: Message, path: string[], missing: string[]): void {
  for (const field of schema.fields) {
    if (field.label !== 'required' || message[field.property] !== undefined) continue;
    if (missing.length < maxListed) missing.push([...path, field.name].join('.'));
  }
  for (const field of schema.fields) {
    if (missing.length >= maxListed) return;
    if (typeof field.type !== 'object' || field.type.kind !== 'message') continue;
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
  const visit = (segment: string, part: unknown) => {
    path.push(segment);
    collect(schema, part as Message, path, missing);
    path.pop();
  };
  if (field.label === 'repeated') {
    (value as readonly unknown[]).forEach((part, i) => {
      visit(`${field.name}[${i}]`, part);
    });
  } else if (field.label === 'map') {
    Object.values(value as Message).forEach((part, i) => {
      visit(`${field.name}[${i}].value`, part);
    });
  } else visit(field.name, value);
}
