// Messages as JSON text, written straight from the tables: events of thousands of tasks pass here.
import type { EnumSchema, Field, MessageSchema, ScalarKind } from '../descriptor.ts';
import { encodeBase64 } from './base64.ts';
import { type Words, wordsOf } from './words.ts';

type Message = Readonly<Record<string, unknown>>;

interface FieldPlan {
  readonly property: string;
  /** `"name":` */
  readonly key: string;
  readonly repeated: boolean;
  readonly map: boolean;
  readonly write: (value: never) => string;
  /** `"name":value` of a stated default, written when the field is unset. */
  readonly whenUnset: string | undefined;
}

export interface JsonOptions {
  /** `v0`: the words of the old endpoints, `slave` for `agent`. */
  readonly words?: Words | undefined;
}

/** Unset fields are left out, but for those with a stated default that are not deprecated. */
export function stringify<T>(schema: MessageSchema<T>, message: T, options?: JsonOptions): string {
  return writeMessage(planOf(schema, options?.words ?? 'v1'), message as Message);
}

function writeMessage(plan: Plan, message: Message): string {
  let text = '';
  for (const field of plan.fields()) {
    const value = message[field.property];
    let member: string | undefined;
    if (value === undefined) member = field.whenUnset;
    else if (field.repeated) member = writeList(field, value as readonly unknown[]);
    else if (field.map) member = writeMap(field, value as Message);
    else member = field.key + field.write(value as never);
    if (member === undefined) continue;
    text += text === '' ? member : `,${member}`;
  }
  return `{${text}}`;
}

function writeList(field: FieldPlan, list: readonly unknown[]): string | undefined {
  if (list.length === 0) return undefined;
  let text = field.write(list[0] as never);
  for (let i = 1; i < list.length; i++) text += `,${field.write(list[i] as never)}`;
  return `${field.key}[${text}]`;
}

function writeMap(field: FieldPlan, map: Message): string | undefined {
  const keys = Object.keys(map);
  if (keys.length === 0) return undefined;
  const members = keys.map((key) => `${JSON.stringify(key)}:${field.write(map[key] as never)}`);
  return `${field.key}{${members.join(',')}}`;
}

interface Plan {
  readonly fields: () => readonly FieldPlan[];
}

const plans = { v1: new WeakMap<object, Plan>(), v0: new WeakMap<object, Plan>() };

function planOf(schema: MessageSchema<unknown>, words: Words): Plan {
  let plan = plans[words].get(schema);
  if (plan) return plan;
  let fields: readonly FieldPlan[] | undefined;
  // Made at the first use, since messages refer to each other.
  plan = {
    fields: () => {
      fields ??= schema.fields.map((f) => makeField(f, words));
      return fields;
    },
  };
  plans[words].set(schema, plan);
  return plan;
}

function makeField(field: Field, words: Words): FieldPlan {
  const write = writerOf(field, words);
  const key = `"${wordsOf(words).member(field.name)}":`;
  const stated = field.default !== undefined && !field.deprecated && field.label === 'optional';
  return {
    property: field.property,
    key,
    repeated: field.label === 'repeated',
    map: field.label === 'map',
    write,
    whenUnset: stated ? key + write(field.default as never) : undefined,
  };
}

function writerOf(field: Field, words: Words): (value: never) => string {
  const { type } = field;
  if (typeof type === 'string') return scalarWriters[type] as (value: never) => string;
  if (type.kind === 'enum') return enumWriter(type, words);
  const plan = planOf(type, words);
  return (value: Message) => writeMessage(plan, value);
}

function enumWriter(type: EnumSchema, words: Words): (value: string) => string {
  const { enumName } = wordsOf(words);
  const texts = new Map(Object.keys(type.numbers).map((n) => [n, `"${enumName(n)}"`]));
  return (value) => texts.get(value) ?? JSON.stringify(value);
}

const integer = (value: number | bigint) =>
  typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : wholeText(value);

/** Every digit, never an exponent, which integer readers refuse. */
const wholeText = (value: number) =>
  Number.isFinite(value) ? String(BigInt(Math.trunc(value))) : '0';

const scalarWriters: Record<ScalarKind, unknown> = {
  double: doubleText,
  float: (value: number) => doubleText(Math.fround(value)),
  int32: integer,
  int64: integer,
  uint32: integer,
  uint64: integer,
  sint32: integer,
  sint64: integer,
  fixed32: integer,
  fixed64: integer,
  sfixed32: integer,
  sfixed64: integer,
  bool: String,
  string: JSON.stringify,
  bytes: (value: Uint8Array) => `"${encodeBase64(value)}"`,
};

/** Typed clients tell doubles from integers by the point, so whole numbers carry `.0`. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text.replace('e+', 'e') : `${text}.0`;
}
