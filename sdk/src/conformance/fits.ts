import type { Shape } from '../module/calls/index.ts';
import { ResourceQuantities, Resources } from '../resources/index.ts';

/** What is wrong with a value of that shape; undefined: nothing. Messages are looked at no further. */
export function findMisfit(shape: Shape, value: unknown, place = 'the answer'): string | undefined {
  switch (shape.type) {
    case 'text':
      return check(typeof value === 'string', place, 'a text', value);
    case 'number':
      return check(typeof value === 'number' && !Number.isNaN(value), place, 'a number', value);
    case 'boolean':
      return check(typeof value === 'boolean', place, 'true or false', value);
    case 'bytes':
      return check(value instanceof Uint8Array, place, 'a Uint8Array', value);
    case 'words':
      return check(
        typeof value === 'string' && (shape.words.length === 0 || shape.words.includes(value)),
        place,
        shape.words.length === 0 ? 'a word' : `one of ${shape.words.join(', ')}`,
        value,
      );
    case 'resources':
      // Of whatever copy of the SDK.
      return check(hasMethods(value, Resources.empty), place, 'Resources', value);
    case 'quantities':
      return check(hasMethods(value, ResourceQuantities.empty), place, 'ResourceQuantities', value);
    case 'message':
    case 'limits':
      return check(isRecord(value), place, 'an object', value);
    case 'object':
      return findFieldMisfit(shape.fields, value, place);
    case 'optional':
      return value === undefined ? undefined : findMisfit(shape.of, value, place);
    case 'result':
      return check(isRecord(value) && 'ok' in value, place, 'a Result', value);
    case 'list':
    case 'set':
    case 'map':
    case 'record':
      return findMemberMisfit(shape.type, shape.of, value, place);
    default:
      return undefined;
  }
}

function check(holds: boolean, place: string, wanted: string, value: unknown): string | undefined {
  if (holds) return undefined;
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return `${place} should be ${wanted}, and is ${found}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasMethods(value: unknown, example: object): boolean {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(example));
  return isRecord(value) && names.every((name) => name in value);
}

function findFieldMisfit(
  fields: Readonly<Record<string, Shape>>,
  value: unknown,
  place: string,
): string | undefined {
  if (!isRecord(value)) return check(false, place, 'an object', value);
  for (const [name, shape] of Object.entries(fields)) {
    const misfit = findMisfit(shape, value[name], `${place}'s ${name}`);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

function findMemberMisfit(
  type: 'list' | 'set' | 'map' | 'record',
  of: Shape,
  value: unknown,
  place: string,
): string | undefined {
  const wanted = { list: 'a list', set: 'a Set', map: 'a Map', record: 'an object' }[type];
  const members = membersOf(type, value);
  if (members === undefined) return check(false, place, wanted, value);
  for (const member of members) {
    const misfit = findMisfit(of, member, `a member of ${place}`);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

function membersOf(type: string, value: unknown): Iterable<unknown> | undefined {
  if (type === 'list') return Array.isArray(value) ? value : undefined;
  if (type === 'set') return value instanceof Set ? value : undefined;
  if (type === 'map') return value instanceof Map ? value.values() : undefined;
  return isRecord(value) ? Object.values(value) : undefined;
}
