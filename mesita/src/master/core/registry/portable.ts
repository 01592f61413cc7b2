// The registry as text that people and other masters read: the JSON of `/registrar(1)/registry`,
// with the frameworks that are away as a list of its own.
import { err, ok, type Result } from '@mesita/sdk/base';
import { DecodeError } from '../../../wire/errors.ts';
import { fromJson, type JsonValue, parseText, stringify } from '../../../wire/json.ts';
import * as mesos from '../../../wire/schema/mesos.ts';
import * as schema from '../../../wire/schema/registry.ts';
import { findContradiction } from './contradiction.ts';
import type { ExpectedFramework, WholeRegistry } from './whole.ts';

export function printRegistry(registry: WholeRegistry): string {
  const members = { ...(parseText(stringify(schema.Registry, registry)) as object) };
  const frameworks = (registry.frameworks ?? []).map(({ id, until }) => ({
    id: { value: id.value },
    until: { nanoseconds: until.nanoseconds },
  }));
  const all = frameworks.length > 0 ? { ...members, frameworks } : members;
  return `${indented(all as JsonValue, '')}\n`;
}

/**
 * An error for whatever a master could not have written: members that nobody knows, an agent in two
 * lists, a weight below zero.
 */
export function readRegistry(text: string): Result<WholeRegistry> {
  try {
    const value = parseText(text);
    if (!isObject(value)) return err('it is no JSON object');
    const { frameworks: listed = [], ...members } = value;
    const registry = fromJson(schema.Registry, members);
    const stranger = strangerIn(members, parseText(stringify(schema.Registry, registry)), '');
    if (stranger !== undefined) return err(`it has a member that is not known: ${stranger}`);
    const frameworks = readFrameworks(listed);
    const whole = frameworks.length > 0 ? { ...registry, frameworks } : registry;
    const contradiction = findContradiction(whole);
    return contradiction === undefined ? ok(whole) : err(contradiction);
  } catch (error) {
    if (error instanceof DecodeError) return err(error.message);
    throw error;
  }
}

function readFrameworks(listed: JsonValue): readonly ExpectedFramework[] {
  if (!Array.isArray(listed)) throw new DecodeError("'frameworks' is no list");
  return listed.map((each) => {
    if (!isObject(each)) throw new DecodeError("'frameworks' holds what is no object");
    return {
      id: fromJson(mesos.FrameworkID, each.id),
      until: fromJson(mesos.TimeInfo, each.until),
    };
  });
}

/** Mesos says of every agent that it checkpoints, which ours always do. */
const redundant = /^\.slaves\.slaves\[\d+\]\.info\.checkpoint$/;

/** The first member that the schema passed over in silence. */
function strangerIn(
  given: JsonValue,
  taken: JsonValue | undefined,
  path: string,
): string | undefined {
  if (Array.isArray(given) && Array.isArray(taken)) {
    return first(
      given.map((each, index) => () => strangerIn(each, taken[index], `${path}[${index}]`)),
    );
  }
  if (!isObject(given)) return undefined;
  return first(
    Object.entries(given).map(([name, value]) => () => {
      const at = `${path}.${name}`;
      const isBlank = value === null || (Array.isArray(value) && value.length === 0);
      if (isBlank || redundant.test(at)) return undefined;
      if (!isObject(taken) || !(name in taken)) return at.slice(1);
      return strangerIn(value, taken[name], at);
    }),
  );
}

function first(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const found = look();
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: JsonValue | undefined): value is { [member: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As `JSON.stringify` does with an indent of two, but for numbers that need all of 64 bits. */
function indented(value: JsonValue, indent: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((each) => indented(each, inner))
    : Object.entries(value).map(
        ([name, each]) => `${JSON.stringify(name)}: ${indented(each, inner)}`,
      );
  const [open, close] = isList ? '[]' : '{}';
  if (items.length === 0) return `${open}${close}`;
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}
