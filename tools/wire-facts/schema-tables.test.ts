import type { DescEnum, DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import type {
  EnumSchema,
  Field,
  MessageSchema,
  ScalarKind,
} from '../../mesita/src/wire/descriptor.ts';
import { modelName, outputs, propertyName } from '../generate/outputs.ts';
import { buildDescriptors } from './descriptors.ts';
import { labelOf } from './rows.ts';

const registry = buildDescriptors();

test.each(outputs)(
  'the codec tables of $name say what the descriptors say',
  async ({ name, files }) => {
    const module = await import(`../../mesita/src/wire/schema/${name}.ts`);
    const described = new Map<string, unknown>();
    for (const path of files) {
      const file = registry.getFile(path);
      for (const e of file?.enums ?? []) described.set(e.name, describeEnum(e));
      for (const m of file?.messages ?? []) describeMessage(m, m.name, described);
    }
    const tables = Object.entries(module as Record<string, EnumSchema | MessageSchema<unknown>>);
    const actual = new Map(tables.map(([key, table]) => [key, describeTable(table)]));
    expect(sorted(actual)).toEqual(sorted(described));
  },
);

const sorted = (map: Map<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

function describeTable(table: EnumSchema | MessageSchema<unknown>): unknown {
  if (table.kind === 'enum') return table.numbers;
  const name = (type: ScalarKind | EnumSchema | MessageSchema<unknown>) => {
    if (typeof type === 'string') return type;
    return type.kind === 'enum' ? type.numbers : type.name;
  };
  return {
    name: table.name,
    fields: table.fields.map((f: Field) => ({ ...f, type: name(f.type) })),
  };
}

const describeEnum = (e: DescEnum) =>
  Object.fromEntries(e.values.map((value) => [value.name, value.number]));

function describeMessage(m: DescMessage, key: string, into: Map<string, unknown>): void {
  if (m.proto.options?.mapEntry) return;
  into.set(key, { name: modelName(m), fields: m.fields.map(describeField) });
  for (const e of m.nestedEnums) into.set(`${key}_${e.name}`, describeEnum(e));
  for (const n of m.nestedMessages) describeMessage(n, `${key}_${n.name}`, into);
}

function describeField(field: DescField): unknown {
  const label = labelOf(field);
  const big = field.name === 'nanoseconds';
  return {
    number: field.number,
    name: field.name,
    property: propertyName(field.name),
    label: label === 'singular' ? 'optional' : label,
    type: describeType(field),
    ...(field.proto.defaultValue !== '' && { default: defaultOf(field) }),
    ...(field.proto.options?.deprecated && { deprecated: true }),
    ...(field.oneof && { oneof: field.oneof.name }),
    ...(big && { big: true }),
  };
}

function describeType(field: DescField): unknown {
  if (field.message) return modelName(field.message);
  if (field.enum) {
    const twin = registry.getEnum(modelName(field.enum)) ?? field.enum;
    return describeEnum(twin);
  }
  return (ScalarType[field.scalar as ScalarType] as string).toLowerCase();
}

function defaultOf(field: DescField): unknown {
  const text = field.proto.defaultValue;
  if (field.enum || field.scalar === ScalarType.STRING) return text;
  if (field.scalar === ScalarType.BOOL) return text === 'true';
  return field.name === 'nanoseconds' ? BigInt(text) : Number(text);
}
