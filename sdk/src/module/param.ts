import { type Bytes, formatBytes, parseBytes } from '../base/bytes.ts';
import { type Duration, formatDuration, parseDuration } from '../base/duration.ts';
import { err, ok, type Result, unwrap } from '../base/result.ts';
import { formatResource, parseResources } from '../resources/index.ts';
import type { Resource } from '../types/index.ts';

export type ParamType =
  | 'string'
  | 'int'
  | 'float'
  | 'bool'
  | 'duration'
  | 'bytes'
  | 'enum'
  | 'list'
  | 'json'
  | 'resources'
  /** Kept as it is: a `file://` value is not replaced by the file's content. */
  | 'path'
  /** Never printed. */
  | 'secret';

/** How a text becomes a value of T. `Present`: there is always one, given or by default. */
export interface Param<T, Present extends boolean = boolean> {
  readonly type: ParamType;
  readonly help: string;
  readonly required: boolean;
  readonly default?: T;
  /** The only texts allowed, for help and suggestions. */
  readonly choices?: readonly string[];
  parse(text: string): Result<T>;
  /** The text people are shown; `parse` reads it back, except for secrets. */
  format(value: T): string;
  /** Never present: carries `Present` for inference. */
  readonly $present?: Present;
}

// biome-ignore lint/suspicious/noExplicitAny: a collection of parameters has one type per member
export type AnyParam = Param<any>;
export type Params = Readonly<Record<string, AnyParam>>;

export type ValueOf<P extends AnyParam> =
  P extends Param<infer T, infer Present> ? (Present extends true ? T : T | undefined) : never;

/** The values that a set of parameters yields. */
export type Infer<P extends Params> = { readonly [Name in keyof P]: ValueOf<P[Name]> };

export interface Options<Default = string> {
  readonly help?: string;
  readonly default?: Default;
  readonly required?: boolean;
}

export type PresenceOf<O> = O extends { readonly default: unknown } | { readonly required: true }
  ? true
  : false;

type None = Record<never, never>;

export interface Behaviour<T> {
  readonly type: ParamType;
  readonly choices?: readonly string[];
  parse(text: string): Result<T>;
  format(value: T): string;
}

/** A parameter of a type of your own. */
function of<T, O extends Options<T> = None>(
  behaviour: Behaviour<T>,
  options?: O,
): Param<T, PresenceOf<O>> {
  const { help = '', required = false, default: fallback }: Options<T> = options ?? {};
  return {
    ...behaviour,
    help,
    required,
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

/** For types whose default is written as text. A bad default is a bug of the author: it throws. */
function ofText<T, O extends Options>(
  behaviour: Behaviour<T>,
  options?: O,
): Param<T, PresenceOf<O>> {
  const { default: text, ...rest }: Options = options ?? {};
  const parsed: Options<T> =
    text === undefined ? rest : { ...rest, default: unwrap(behaviour.parse(text)) };
  return of(behaviour, parsed) as Param<T, PresenceOf<O>>;
}

const TEXT: Omit<Behaviour<string>, 'type'> = { parse: ok, format: (value) => value };

function string<const O extends Options = None>(options?: O) {
  return of<string, O>({ type: 'string', ...TEXT }, options);
}

function path<const O extends Options = None>(options?: O) {
  // A path may come as a file's address; what the file holds is not the value here.
  const parse = (text: string) => ok(text.replace(/^file:\/\//, ''));
  return of<string, O>({ type: 'path', ...TEXT, parse }, options);
}

function secret<const O extends Options = None>(options?: O) {
  return of<string, O>({ type: 'secret', parse: ok, format: () => '(secret)' }, options);
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

function outOfRange(value: number, { min = -Infinity, max = Infinity }: Range): boolean {
  return value < min || value > max;
}

function describeRange({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` between ${min} and ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function int<const O extends Options<number> & Range = None>(options?: O) {
  const range: Range = options ?? {};
  const parse = (text: string): Result<number> => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || outOfRange(value, range)) {
      return err(`Expecting an integer${describeRange(range)}`);
    }
    return ok(value);
  };
  return of<number, O>({ type: 'int', parse, format: String }, options);
}

function float<const O extends Options<number> & Range = None>(options?: O) {
  const range: Range = options ?? {};
  const parse = (text: string): Result<number> => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value) || outOfRange(value, range)) {
      return err(`Expecting a number${describeRange(range)}`);
    }
    return ok(value);
  };
  return of<number, O>({ type: 'float', parse, format: String }, options);
}

function parseBool(text: string): Result<boolean> {
  if (text === 'true' || text === '1') return ok(true);
  if (text === 'false' || text === '0') return ok(false);
  return err('Expecting a boolean (e.g., true or false)');
}

function bool<const O extends Options<boolean> = None>(options?: O) {
  return of<boolean, O>({ type: 'bool', parse: parseBool, format: String }, options);
}

function duration<const O extends Options = None>(options?: O) {
  return ofText<Duration, O>(
    { type: 'duration', parse: parseDuration, format: formatDuration },
    options,
  );
}

function bytes<const O extends Options = None>(options?: O) {
  return ofText<Bytes, O>({ type: 'bytes', parse: parseBytes, format: formatBytes }, options);
}

/** One of a few words. */
function oneOf<const Word extends string, const O extends Options<Word> = None>(
  words: readonly Word[],
  options?: O,
) {
  const parse = (text: string): Result<Word> => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return ok(word);
    return err(`Expecting one of ${words.map((each) => `'${each}'`).join(', ')}`);
  };
  return of<Word, O>({ type: 'enum', choices: words, parse, format: (value) => value }, options);
}

/** Words between commas; empty ones are dropped. */
function list<const O extends Options = None>(options?: O) {
  const parse = (text: string): Result<readonly string[]> =>
    ok(text.split(',').filter((word) => word !== ''));
  const format = (words: readonly string[]) => words.join(',');
  return ofText<readonly string[], O>({ type: 'list', parse, format }, options);
}

/** JSON; `check` turns what was read into a T or says what is wrong with it. */
function json<T, const O extends Options<T> = None>(
  check: (value: unknown) => Result<T>,
  options?: O,
) {
  const parse = (text: string): Result<T> => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return err(`Expecting JSON: ${(error as Error).message}`);
    }
    return check(value);
  };
  return of<T, O>({ type: 'json', parse, format: (value) => JSON.stringify(value) }, options);
}

/** `cpus:1;mem:64`, or a JSON array of messages. */
function resources<const O extends Options = None>(options?: O) {
  const format = (each: readonly Resource[]) => each.map(formatResource).join(';');
  return ofText<readonly Resource[], O>(
    { type: 'resources', parse: (text) => parseResources(text), format },
    options,
  );
}

/** The makers of parameters, for modules and for the daemons' flags alike. */
export const param = {
  string,
  int,
  float,
  bool,
  duration,
  bytes,
  enum: oneOf,
  list,
  json,
  resources,
  path,
  secret,
  of,
};
