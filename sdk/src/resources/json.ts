import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Resource } from '../types/mesos.ts';
import { toPostRefinement } from './reservations.ts';
import { UNRESERVED_ROLE } from './roles.ts';

// The SDK has no codec, but flags and modules give resources as JSON: a reader of this one message.

type Kind = 'string' | 'number' | readonly string[] | Shape;
interface Field {
  readonly kind: Kind;
  readonly isRequired?: true;
  readonly isRepeated?: true;
}
interface Shape {
  readonly fields: Readonly<Record<string, Field>>;
}

const text: Field = { kind: 'string' };
const one = (fields: Record<string, Field>): Field => ({ kind: { fields } });
const many = (fields: Record<string, Field>): Field => ({ kind: { fields }, isRepeated: true });
const must = (field: Field): Field => ({ ...field, isRequired: true });
const word = (...words: string[]): Field => ({ kind: words });
const number: Field = { kind: 'number' };

const labels = one({ labels: many({ key: must(text), value: text }) });
const reservation = {
  principal: text,
  labels,
  role: text,
  type: word('UNKNOWN', 'STATIC', 'DYNAMIC'),
};

const RESOURCE: Shape = {
  fields: {
    name: must(text),
    type: must(word('SCALAR', 'RANGES', 'SET', 'TEXT')),
    scalar: one({ value: must(number) }),
    ranges: one({ range: many({ begin: must(number), end: must(number) }) }),
    set: one({ item: { kind: 'string', isRepeated: true } }),
    role: text,
    reservation: one(reservation),
    reservations: many(reservation),
    disk: one({
      persistence: one({ id: must(text), principal: text }),
      volume: one({ container_path: must(text), host_path: text, mode: must(word('RW', 'RO')) }),
      source: one({
        type: must(word('UNKNOWN', 'PATH', 'MOUNT', 'BLOCK', 'RAW')),
        path: one({ root: text }),
        mount: one({ root: text }),
        id: text,
        metadata: labels,
        profile: text,
        vendor: text,
      }),
    }),
    revocable: one({}),
    shared: one({}),
    allocation_info: one({ role: text }),
    provider_id: one({ value: must(text) }),
  },
};

class Malformed extends Error {}

/** Unknown members are ignored, as Mesos does. Not validated. */
export function resourcesFromJson(
  array: readonly unknown[],
  defaultRole: string,
): Result<Resource[]> {
  const resources: Resource[] = [];
  for (const element of array) {
    try {
      resources.push(withRole(readMessage(RESOURCE, element) as unknown as Resource, defaultRole));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return err(`Some JSON resources were not formatted properly: ${error.message}`);
    }
  }
  return ok(resources);
}

function withRole(resource: Resource, defaultRole: string): Resource {
  const isStacked = resource.reservations !== undefined && resource.reservations.length > 0;
  const complete =
    isStacked || resource.role !== undefined ? resource : { ...resource, role: defaultRole };
  // A reservation of nobody's resources is left standing for validation to refuse.
  return !isStacked && complete.role === UNRESERVED_ROLE && complete.reservation !== undefined
    ? complete
    : toPostRefinement(complete);
}

function readMessage(shape: Shape, json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Malformed('Expecting a JSON object');
  const message: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape.fields)) {
    const value = (json as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    message[camelCase(name)] = field.isRepeated
      ? readRepeated(name, field.kind, value)
      : readValue(name, field.kind, value);
  }
  const missing = Object.entries(shape.fields).filter(
    ([name, field]) => field.isRequired && !(camelCase(name) in message),
  );
  if (missing.length > 0)
    throw new Malformed(`Missing required fields: ${missing.map(([name]) => name).join(', ')}`);
  return message;
}

function readRepeated(name: string, kind: Kind, json: unknown): unknown[] {
  if (!Array.isArray(json)) throw unexpected(name, json);
  return json
    .filter((element) => element !== null)
    .map((element) => readValue(name, kind, element));
}

function readValue(name: string, kind: Kind, json: unknown): unknown {
  if (kind === 'number') {
    const value = typeof json === 'string' && json.trim() !== '' ? Number(json) : json;
    if (typeof value !== 'number' || Number.isNaN(value)) throw unexpected(name, json);
    return value;
  }
  if (kind === 'string') {
    if (typeof json !== 'string') throw unexpected(name, json);
    return json;
  }
  if ('fields' in kind) {
    if (typeof json !== 'object' || Array.isArray(json)) throw unexpected(name, json);
    return readMessage(kind, json);
  }
  if (typeof json !== 'string') throw unexpected(name, json);
  if (!kind.includes(json)) throw new Malformed(`Failed to find enum for '${json}'`);
  return json;
}

function unexpected(name: string, json: unknown): Malformed {
  const sort = Array.isArray(json) ? 'array' : typeof json;
  return new Malformed(`Not expecting a JSON ${sort} for field '${name}'`);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
