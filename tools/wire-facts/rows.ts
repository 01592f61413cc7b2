// One row a field and enum value, in the columns of mesita/test/wire-facts.
import type { DescEnum, DescEnumValue, DescField, DescFile, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';

export function renderRows(file: DescFile): string[] {
  const rows: string[] = [];
  for (const e of file.enums) rows.push(...renderEnum(file, e));
  for (const m of file.messages) rows.push(...renderMessage(file, m));
  return rows.sort();
}

const owner = (type: DescMessage | DescEnum) =>
  type.file.proto.package === ''
    ? type.typeName
    : type.typeName.slice(type.file.proto.package.length + 1);

function row(file: DescFile, kind: string, ...columns: (string | number)[]): string {
  return [`${file.name}.proto`, file.proto.package, kind, ...columns].join('\t');
}

function renderEnum(file: DescFile, e: DescEnum): string[] {
  // The tables put it at the first value, though the whole enum allows it.
  const aliased = (value: DescEnumValue) => e.proto.options?.allowAlias && value === e.values[0];
  return e.values.map((value) => {
    const notes = [
      aliased(value) ? 'allow_alias' : '',
      value.proto.options?.deprecated ? 'deprecated' : '',
    ];
    const note = notes.filter(Boolean).join(';');
    return row(file, 'enum_value', owner(e), value.name, value.number, '', 'enum', '', note);
  });
}

function renderMessage(file: DescFile, m: DescMessage): string[] {
  if (m.proto.options?.mapEntry) return [];
  const rows = m.fields.map((f) => renderField(file, m, f));
  if (rows.length === 0)
    rows.push(row(file, 'empty_message', owner(m), '', '', '', '', '', 'message has no fields'));
  for (const e of m.nestedEnums) rows.push(...renderEnum(file, e));
  for (const n of m.nestedMessages) rows.push(...renderMessage(file, n));
  return rows;
}

function renderField(file: DescFile, m: DescMessage, field: DescField): string {
  return row(
    file,
    'field',
    owner(m),
    field.name,
    field.number,
    labelOf(field),
    typeOf(field),
    field.proto.defaultValue,
    notesOf(field),
  );
}

export function labelOf(field: DescField): string {
  if (field.fieldKind === 'map') return 'map';
  if (field.fieldKind === 'list') return 'repeated';
  if (field.proto.label === 2) return 'required';
  return field.parent.file.proto.syntax === 'proto3' ? 'singular' : 'optional';
}

export function typeOf(field: DescField): string {
  const type = field.message?.typeName ?? field.enum?.typeName ?? scalarName(field.scalar);
  return field.fieldKind === 'map' ? `map<${scalarName(field.mapKey)},${type}>` : type;
}

const scalarName = (type: ScalarType | undefined) =>
  (ScalarType[type as ScalarType] as string).toLowerCase();

export function notesOf(field: DescField): string {
  const notes: string[] = [];
  if (field.fieldKind !== 'map') {
    if (field.message) notes.push('message');
    if (field.enum) notes.push('enum');
  }
  if (field.proto.options?.deprecated) notes.push('deprecated');
  if (field.oneof) notes.push(`oneof=${field.oneof.name}`);
  return notes.join(';');
}
