import { err, ok, type Result } from '@mesita/sdk/base';
import {
  type Behaviour,
  type Options,
  type Param,
  type PresenceOf,
  param,
} from '@mesita/sdk/module';
import type { MessageSchema } from '../wire/descriptor.ts';
import { DecodeError } from '../wire/errors.ts';
import { fromJson, type JsonObject, parseTextAs, toJson } from '../wire/json.ts';
import { toTextFormat } from '../wire/text-format.ts';

// The types of flags whose texts or errors are Mesos' own.

type None = Record<never, never>;

const NOT_CONVERTIBLE = err('Failed to convert into required type');
const MAX_UINT64 = 2n ** 64n - 1n;

function integer(text: string): bigint | undefined {
  return /^\s*[+-]?\d+$/.test(text) ? BigInt(text.trim().replace(/^\+/, '')) : undefined;
}

export function int32<const O extends Options<number> = None>(options?: O) {
  const parse = (text: string): Result<number> => {
    const value = integer(text);
    if (value === undefined || BigInt.asIntN(32, value) !== value) return NOT_CONVERTIBLE;
    return ok(Number(value));
  };
  return param.of<number, O>({ type: 'int', parse, format: String }, options);
}

/** A 64-bit count. Mesos lets a negative one wrap around: `-1` means "no limit". */
export function unsigned<const O extends Options<number> = None>(options?: O) {
  const parse = (text: string): Result<number> => {
    const value = integer(text);
    if (value === undefined || value > MAX_UINT64 || value < -MAX_UINT64) return NOT_CONVERTIBLE;
    return ok(Number(BigInt.asUintN(64, value)));
  };
  const format = (value: number) => (value >= 2 ** 64 ? String(MAX_UINT64) : String(value));
  return param.of<number, O>({ type: 'int', parse, format }, options);
}

export function uint16<const O extends Options<number> = None>(options?: O) {
  const parse = (text: string): Result<number> => {
    const value = integer(text);
    if (value === undefined || value < 0n || value > 65_535n) return NOT_CONVERTIBLE;
    return ok(Number(value));
  };
  return param.of<number, O>({ type: 'int', parse, format: String }, options);
}

export function double<const O extends Options<number> = None>(options?: O) {
  const parse = (text: string): Result<number> => {
    if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return NOT_CONVERTIBLE;
    return ok(Number(text));
  };
  const format = (value: number) => String(Number(value.toPrecision(6)));
  return param.of<number, O>({ type: 'float', parse, format }, options);
}

/** A set of words between commas, shown as `{ a, b }`. */
export function wordSet<const O extends Options<ReadonlySet<string>> = None>(options?: O) {
  const parse = (text: string) => ok(new Set(text.split(',').filter((word) => word !== '')));
  const format = (words: ReadonlySet<string>) => `{ ${[...words].join(', ')} }`;
  return param.of<ReadonlySet<string>, O>({ type: 'list', parse, format }, options);
}

/** A message given as JSON. `shown`: how `/flags` shows it; Mesos does it in both ways. */
export function message<T, const O extends Options<T> = None>(
  schema: MessageSchema<T>,
  shown: 'json' | 'text',
  options?: O,
): Param<T, PresenceOf<O>> {
  const parse = (text: string) => decoded(() => fromJson(schema, parseTextAs('object', text)));
  const format = (value: T) =>
    shown === 'text' ? toTextFormat(schema, value) : JSON.stringify(toJson(schema, value));
  return param.of<T, O>({ type: 'json', parse, format } satisfies Behaviour<T>, options);
}

/** Any JSON object. */
export function jsonObject(options?: Options<JsonObject>) {
  const parse = (text: string) => decoded(() => parseTextAs('object', text) as JsonObject);
  return param.of({ type: 'json', parse, format: (value) => JSON.stringify(value) }, options);
}

/** An address that may hold a password: `/flags` shows the file it came from, if it did. */
export function secureText(options: { readonly help: string }) {
  return param.of<string, None>({ type: 'secret', parse: ok, format: (text) => text }, options);
}

function decoded<T>(read: () => T): Result<T> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof DecodeError) return err(error.message);
    throw error;
  }
}
