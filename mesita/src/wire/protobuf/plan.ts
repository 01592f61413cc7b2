// A schema made ready for the binary codec: fields by number, and how each is read and written.
import type { EnumSchema, Field, MessageSchema, ScalarKind } from '../descriptor.ts';
import * as read from './reader.ts';
import { wireBytes, wireFixed32, wireFixed64, wireVarint } from './reader.ts';
import * as write from './writer.ts';

interface ScalarPlan {
  readonly wireType: number;
  readonly read: (r: read.Reader) => unknown;
  readonly write: (w: write.Writer, value: never) => void;
}

export interface FieldPlan {
  readonly field: Field;
  readonly property: string;
  readonly number: number;
  readonly tag: number;
  readonly repeated: boolean;
  readonly map: boolean;
  /** Of the field, its elements or its map's values; undefined for enums and messages. */
  readonly scalar: ScalarPlan | undefined;
  readonly enumeration: EnumSchema | undefined;
  readonly message: MessageSchema<unknown> | undefined;
  /** Plan of `message`, made at the first use. */
  plan: Plan | undefined;
  /** Properties that setting this one unsets. */
  readonly rivals: readonly string[];
}

export interface Plan {
  readonly schema: MessageSchema<unknown>;
  /** By ascending number, the order in which they are written. */
  readonly fields: readonly FieldPlan[];
  readonly byNumber: readonly (FieldPlan | undefined)[];
  /** Properties that must be set. */
  readonly required: readonly string[];
}

const scalar = <T>(
  wireType: number,
  reader: (r: read.Reader) => T,
  writer: (w: write.Writer, value: T) => void,
): ScalarPlan => ({ wireType, read: reader, write: writer });

const scalars: Record<ScalarKind, ScalarPlan> = {
  double: scalar(wireFixed64, read.readDouble, write.writeDouble),
  float: scalar(wireFixed32, read.readFloat, write.writeFloat),
  int32: scalar(wireVarint, read.readInt32, write.writeInt32),
  int64: scalar(wireVarint, read.readInt64, write.writeInt64),
  uint32: scalar(wireVarint, read.readUint32, write.writeUint32),
  uint64: scalar(wireVarint, read.readUint64, write.writeUint64),
  sint32: scalar(wireVarint, read.readSint32, write.writeSint32),
  sint64: scalar(wireVarint, read.readSint64, write.writeSint64),
  fixed32: scalar(wireFixed32, read.readFixed32, write.writeFixed32),
  fixed64: scalar(wireFixed64, read.readFixed64, write.writeFixed64),
  sfixed32: scalar(wireFixed32, read.readSfixed32, write.writeFixed32),
  sfixed64: scalar(wireFixed64, read.readSfixed64, write.writeFixed64),
  bool: scalar(wireVarint, read.readBool, write.writeBool),
  string: scalar(wireBytes, read.readString, write.writeString),
  bytes: scalar(wireBytes, read.readBytes, write.writeBytes),
};

const bigScalars: Partial<Record<ScalarKind, ScalarPlan>> = {
  int64: scalar(wireVarint, read.readBigInt64, write.writeBigInt64),
  uint64: scalar(wireVarint, read.readBigUint64, write.writeBigInt64),
  sint64: scalar(wireVarint, read.readBigSint64, write.writeBigSint64),
  fixed64: scalar(wireFixed64, read.readBigFixed64, write.writeBigFixed64),
  sfixed64: scalar(wireFixed64, read.readBigSfixed64, write.writeBigFixed64),
};

export const stringScalar = scalars.string;

const plans = new WeakMap<MessageSchema<unknown>, Plan>();

export function planOf(schema: MessageSchema<unknown>): Plan {
  const made = plans.get(schema);
  if (made) return made;
  const plan = makePlan(schema);
  plans.set(schema, plan);
  return plan;
}

export function partPlan(field: FieldPlan): Plan {
  field.plan ??= planOf(field.message as MessageSchema<unknown>);
  return field.plan;
}

function makePlan(schema: MessageSchema<unknown>): Plan {
  const byNumber: (FieldPlan | undefined)[] = [];
  const fields = schema.fields.map((f) => makeField(f, schema));
  fields.sort((a, b) => a.number - b.number);
  for (const field of fields) byNumber[field.number] = field;
  const required = schema.fields.filter((f) => f.label === 'required').map((f) => f.property);
  return { schema, fields, byNumber, required };
}

function makeField(field: Field, schema: MessageSchema<unknown>): FieldPlan {
  const { type } = field;
  const own = typeof type === 'string' ? scalarPlan(field, type) : undefined;
  const message = typeof type === 'object' && type.kind === 'message' ? type : undefined;
  const enumeration = typeof type === 'object' && type.kind === 'enum' ? type : undefined;
  const map = field.label === 'map';
  const wireType = map || message ? wireBytes : enumeration ? wireVarint : own?.wireType;
  const rivals = field.oneof
    ? schema.fields.filter((f) => f !== field && f.oneof === field.oneof).map((f) => f.property)
    : [];
  return {
    field,
    property: field.property,
    number: field.number,
    tag: ((field.number << 3) | (wireType as number)) >>> 0,
    repeated: field.label === 'repeated',
    map,
    scalar: own,
    enumeration,
    message,
    plan: undefined,
    rivals,
  };
}

function scalarPlan(field: Field, kind: ScalarKind): ScalarPlan {
  return (field.big && bigScalars[kind]) || scalars[kind];
}
