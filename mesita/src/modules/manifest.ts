// What operators write to have modules loaded: Mesos' manifest, and what Mesita adds to it.
import { err, ok, parseBytes, parseDuration, type Result } from '@mesita/sdk/base';
import { type Options, type Param, type PresenceOf, param } from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { DecodeError } from '../wire/errors.ts';
import { fromJson, type JsonValue, parseTextAs } from '../wire/json.ts';
import * as schema from '../wire/schema/module.ts';
import { toTextFormat } from '../wire/text-format.ts';
import type { Modules } from '../wire/types/module.ts';

/** Where an instance runs. */
const homes = ['daemon', 'worker', 'process', 'program'] as const;
export type Home = (typeof homes)[number];

/** What the daemon does when a call of an instance fails. */
const failurePolicies = ['fail', 'ignore', 'last-known-good', 'builtin'] as const;
type FailurePolicy = (typeof failurePolicies)[number];

interface ModuleLimits {
  /** Of a home of its own. */
  readonly memoryBytes?: number;
  /** Of each call. */
  readonly deadlineMs?: number;
  /** Until `create` has finished. */
  readonly createMs?: number;
}

export interface ModuleEntry {
  /** Required, but its absence is for the loader to tell: it names the library. */
  readonly name: string | undefined;
  /** Name of the instance, where the module's own is not wanted or taken. */
  readonly as: string | undefined;
  /** In the manifest's order, as given. */
  readonly parameters: readonly Parameter[];
  readonly home: Home;
  readonly limits: ModuleLimits;
  readonly onFailure: FailurePolicy | undefined;
}

export interface LibraryEntry {
  /** A path; wins over `name`. */
  readonly file: string | undefined;
  /** An installed package. */
  readonly name: string | undefined;
  readonly modules: readonly ModuleEntry[];
}

export interface Manifest {
  readonly libraries: readonly LibraryEntry[];
  /** Mesos' part of it, for `/flags`. */
  readonly message: Modules;
}

/** Throws a DecodeError with Mesos' words, or with ours about what Mesita adds. */
export function parseManifest(text: string): Manifest {
  const json = parseTextAs('object', text);
  const message = fromJson(schema.Modules, json);
  const libraries = elements(json, 'libraries');
  return {
    message,
    libraries: (message.libraries ?? []).map(({ file, name, modules = [] }, index) => ({
      file,
      name,
      modules: modules.map((module, at) => ({
        name: module.name,
        parameters: module.parameters ?? [],
        ...readAdditions(elements(libraries[index], 'modules')[at], module.name),
      })),
    })),
  };
}

/** A list as the codec reads it: one value stands for a list of one, `null` for none. */
function elements(parent: JsonValue | undefined, key: string): readonly JsonValue[] {
  const value = member(parent, key);
  if (Array.isArray(value)) return value.filter((element) => element !== null);
  return value === undefined ? [] : [value];
}

function member(parent: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent)) return undefined;
  const value = Object.hasOwn(parent, key) ? parent[key] : undefined;
  return value === null ? undefined : value;
}

function readAdditions(
  json: JsonValue | undefined,
  name: string | undefined,
): Omit<ModuleEntry, 'name' | 'parameters'> {
  const read = <T>(
    parent: JsonValue | undefined,
    key: string,
    parse: (text: string) => Result<T>,
  ) => {
    const value = member(parent, key);
    if (value === undefined) return undefined;
    const parsed = typeof value === 'string' ? parse(value) : err('Expecting a string');
    if (parsed.ok) return parsed.value;
    throw new DecodeError(`Bad '${key}' of module '${name ?? ''}': ${parsed.error}`);
  };
  const limits = member(json, 'limits');
  const memoryBytes = read(limits, 'memory', parseBytes);
  const deadlineMs = read(limits, 'deadline', parseDuration);
  const createMs = read(limits, 'create', parseDuration);
  return {
    as: read(json, 'as', parseInstanceName),
    home: read(json, 'home', param.enum(homes).parse) ?? 'daemon',
    onFailure: read(json, 'on_failure', param.enum(failurePolicies).parse),
    limits: {
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(createMs !== undefined && { createMs }),
    },
  };
}

/** It becomes a word of `--hooks`, a directory and a part of metric names. */
function parseInstanceName(text: string): Result<string> {
  return /^[\w.-]{1,200}$/.test(text) && !/^\.+$/.test(text)
    ? ok(text)
    : err('Expecting letters, digits, dots, dashes and underscores');
}

type None = Record<never, never>;

/** The value of `--modules`. */
export function manifestParam<const O extends Options<Manifest> = None>(
  options?: O,
): Param<Manifest, PresenceOf<O>> {
  const parse = (text: string): Result<Manifest> => {
    try {
      return ok(parseManifest(text));
    } catch (error) {
      if (error instanceof DecodeError) return err(error.message);
      throw error;
    }
  };
  const format = ({ message }: Manifest) => toTextFormat(schema.Modules, message);
  return param.of<Manifest, O>({ type: 'json', parse, format }, options);
}
