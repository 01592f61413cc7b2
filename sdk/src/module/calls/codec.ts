import { err, ok, type Result } from '../../base/index.ts';
import { ResourceLimits, ResourceQuantities, Resources } from '../../resources/index.ts';
import type { Resource, Value } from '../../types/index.ts';
import type { Shape } from './shape.ts';

/** Carries values of one shape over a boundary. `read` trusts nothing and throws a `ShapeError`. */
export interface Codec {
  write(value: unknown): unknown;
  read(value: unknown): unknown;
}

/** A value is not what its shape says; the text says where. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** What differs between the boundaries. */
export interface Form {
  message(name: string, isPartial: boolean): Codec;
  /**
   * `live`: the same memory, values are only checked. `plain`: what structured clone copies.
   * `json`: bytes are base64, maps are objects, sets are lists, names have underscores.
   */
  readonly kind: 'live' | 'plain' | 'json';
  /** Of `json` only. */
  readonly bytes?: Codec;
}

type Scalars = Readonly<Record<string, Value.Scalar>>;
type Fields = Readonly<Record<string, unknown>>;

/** Makes codecs of a form; each shape's only once. */
export function createCodecs(form: Form): (shape: Shape) => Codec {
  const made = new Map<Shape, Codec>();
  const codecOf = (shape: Shape): Codec => {
    const known = made.get(shape) ?? createCodec(shape, form, codecOf);
    made.set(shape, known);
    return known;
  };
  return codecOf;
}

function createCodec(shape: Shape, form: Form, codecOf: (shape: Shape) => Codec): Codec {
  switch (shape.type) {
    case 'message':
      return form.message(shape.name, shape.isPartial);
    case 'object':
      return objectCodec(shape.fields, form, codecOf);
    case 'words':
      return wordCodec(shape.words);
    case 'list':
      return listCodec(codecOf(shape.of));
    case 'set':
      return setCodec(codecOf(shape.of), form);
    case 'map':
      return mapCodec(codecOf(shape.of), form);
    case 'record':
      return recordCodec(codecOf(shape.of));
    case 'optional':
      return optionalCodec(codecOf(shape.of));
    case 'result':
      return resultCodec(codecOf(shape.of));
    case 'resources':
      return resourcesCodec(form);
    case 'quantities':
      return scalarsCodec(form, ResourceQuantities);
    case 'limits':
      return scalarsCodec(form, ResourceLimits);
    case 'bytes':
      return form.bytes ?? checked((value) => value instanceof Uint8Array, 'bytes');
    case 'text':
      return checked((value) => typeof value === 'string', 'a string');
    case 'number':
      return form.kind === 'json' ? jsonNumber : plainNumber;
    case 'boolean':
      return checked((value) => typeof value === 'boolean', 'a boolean');
    case 'json':
      return { write: same, read: same };
    case 'nothing':
      return { write: drop, read: drop };
  }
}

const same = (value: unknown): unknown => value;
const plainNumber = checked(
  (value) => typeof value === 'number' && !Number.isNaN(value),
  'a number',
);

/** JSON has no infinity; Mesos writes it as a text. */
const jsonNumber: Codec = {
  write: (value) => (Number.isFinite(value) ? value : String(value)),
  read: (value) => plainNumber.read(/^-?Infinity$/.test(String(value)) ? Number(value) : value),
};

const drop = (): undefined => undefined;

function checked(isGood: (value: unknown) => boolean, what: string): Codec {
  return {
    write: same,
    read(value) {
      if (!isGood(value)) throw new ShapeError(`Expecting ${what}`);
      return value;
    },
  };
}

function wordCodec(words: readonly string[]): Codec {
  if (words.length === 0) return checked((value) => typeof value === 'string', 'a string');
  return checked((value) => words.includes(value as string), `one of ${words.join(', ')}`);
}

/** Says at which part the value is wrong. */
function within<T>(part: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { message } = error;
    throw new ShapeError(`${part}${/^[.[]/.test(message) ? '' : ': '}${message}`);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectCodec(
  fields: Readonly<Record<string, Shape>>,
  form: Form,
  codecOf: (shape: Shape) => Codec,
): Codec {
  const members = Object.entries(fields).map(([name, shape]) => ({
    name,
    outside: form.kind === 'json' ? snakeCase(name) : name,
    codec: codecOf(shape),
  }));
  return {
    write(value) {
      const written: Record<string, unknown> = {};
      for (const { name, outside, codec } of members) {
        const member = (value as Fields)[name];
        if (member !== undefined) written[outside] = codec.write(member);
      }
      return written;
    },
    read(value) {
      if (!isObject(value)) throw new ShapeError('Expecting an object');
      const read: Record<string, unknown> = {};
      for (const { name, outside, codec } of members) {
        const member = Object.hasOwn(value, outside) ? value[outside] : undefined;
        const good = within(outside, () => codec.read(member));
        if (good !== undefined) read[name] = good;
      }
      return read;
    },
  };
}

/** `allocation_interval_ms` for `allocationIntervalMs`: how names look in JSON. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function listCodec(element: Codec): Codec {
  return {
    write: (value) => (value as readonly unknown[]).map(element.write),
    read(value) {
      if (!Array.isArray(value)) throw new ShapeError('Expecting a list');
      return value.map((one, index) => within(`[${index}]`, () => element.read(one)));
    },
  };
}

function setCodec(element: Codec, { kind }: Form): Codec {
  const elements = listCodec(element);
  const read = (value: unknown) => new Set(elements.read(value) as unknown[]);
  if (kind === 'json')
    return { write: (value) => elements.write([...(value as Set<unknown>)]), read };
  return {
    write: same,
    read(value) {
      if (!(value instanceof Set)) throw new ShapeError('Expecting a Set');
      return read([...value]);
    },
  };
}

function mapCodec(element: Codec, { kind }: Form): Codec {
  const entries = (value: unknown): Iterable<[unknown, unknown]> => {
    if (kind === 'json') {
      if (!isObject(value)) throw new ShapeError('Expecting an object');
      return Object.entries(value);
    }
    if (!(value instanceof Map)) throw new ShapeError('Expecting a Map');
    return value;
  };
  return {
    write(value) {
      const written = [...(value as Map<string, unknown>)].map(
        ([key, one]) => [key, element.write(one)] as const,
      );
      return kind === 'json' ? Object.fromEntries(written) : new Map(written);
    },
    read(value) {
      const read = new Map<string, unknown>();
      for (const [key, one] of entries(value)) {
        if (typeof key !== 'string') throw new ShapeError('Expecting strings as keys');
        read.set(
          key,
          within(`['${key}']`, () => element.read(one)),
        );
      }
      return read;
    },
  };
}

function recordCodec(element: Codec): Codec {
  const convert = (value: Fields, one: (value: unknown) => unknown) =>
    Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, within(`['${key}']`, () => one(member))]),
    );
  return {
    write: (value) => convert(value as Fields, element.write),
    read(value) {
      if (!isObject(value)) throw new ShapeError('Expecting an object');
      return convert(value, element.read);
    },
  };
}

function optionalCodec(codec: Codec): Codec {
  return {
    write: (value) => (value === undefined ? undefined : codec.write(value)),
    read: (value) => (value === undefined || value === null ? undefined : codec.read(value)),
  };
}

function resultCodec(codec: Codec): Codec {
  return {
    write(value) {
      const given = value as Result<unknown>;
      return given.ok ? { ok: true, value: codec.write(given.value) } : given;
    },
    read(value) {
      if (!isObject(value)) throw new ShapeError('Expecting an object');
      if (value.ok === true) return ok(within('value', () => codec.read(value.value)));
      if (value.ok !== false) throw new ShapeError('ok: Expecting a boolean');
      return err(String(value.error));
    },
  };
}

function resourcesCodec(form: Form): Codec {
  if (form.kind === 'live') return checked((value) => value instanceof Resources, 'Resources');
  const messages = listCodec(form.message('mesos.Resource', false));
  return {
    write: (value) => messages.write((value as Resources).toMessages()),
    read(value) {
      const read = Resources.fromMessages(messages.read(value) as Resource[]);
      if (!read.ok) throw new ShapeError(read.error);
      return read.value;
    },
  };
}

interface AmountsType {
  readonly name: string;
  fromScalars(scalars: Scalars): { toScalars(): Scalars };
  readonly [Symbol.hasInstance]: (value: unknown) => boolean;
}

function scalarsCodec(form: Form, type: AmountsType): Codec {
  if (form.kind === 'live') {
    return checked((value) => type[Symbol.hasInstance](value), type.name);
  }
  const scalars = recordCodec(form.message('mesos.Value_Scalar', false));
  return {
    write: (value) => scalars.write((value as { toScalars(): Scalars }).toScalars()),
    read: (value) => type.fromScalars(scalars.read(value) as Scalars),
  };
}
