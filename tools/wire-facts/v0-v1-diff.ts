// Every message and enum of mesos.v1 beside its twin of v0, compared by number.
import type { DescEnum, DescField, DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { labelOf, notesOf, typeOf } from './rows.ts';

type Type = DescMessage | DescEnum;

export function renderDiff(registry: FileRegistry): string[] {
  const rows: string[] = [];
  for (const type of registry) {
    if (!type.typeName.startsWith('mesos.v1.')) continue;
    if (type.kind === 'enum') rows.push(...compare(registry, type, compareEnums));
    else if (type.kind === 'message' && !type.proto.options?.mapEntry)
      rows.push(...compare(registry, type, compareMessages));
  }
  return rows.sort();
}

function compare<T extends Type>(
  registry: FileRegistry,
  v1: T,
  differences: (v1: T, v0: T) => string[][],
): string[] {
  const name = v0Name(v1.typeName);
  const v0 = registry.getMessage(name) ?? registry.getEnum(name);
  const row = (...columns: string[]) => [v1.kind, v1.typeName, ...columns].join('\t');
  if (v0?.kind !== v1.kind) return [row('', 'only-in-v1', '', '', '', '')];
  const rows = differences(v1, v0 as T).map((columns) => row(name, 'differs', ...columns));
  if (isRenamed(v1)) rows.push(row(name, 'renamed', '', 'message/enum name', v1.name, v0.name));
  return rows.length > 0 ? rows : [row(name, 'identical', '', '', '', '')];
}

const v0Name = (name: string) =>
  name
    .replace('mesos.v1.', 'mesos.')
    .replace(/\bAgentID\b/, 'SlaveID')
    .replace(/\bAgentInfo\b/, 'SlaveInfo');

const isRenamed = (type: Type) => v0Name(type.typeName) !== type.typeName.replace('.v1.', '.');

function compareEnums(v1: DescEnum, v0: DescEnum): string[][] {
  return v1.values.flatMap((value) => {
    const other = v0.values.find((v) => v.number === value.number)?.name ?? '';
    return other === value.name ? [] : [[`${value.number}`, 'name', value.name, other]];
  });
}

function compareMessages(v1: DescMessage, v0: DescMessage): string[][] {
  const numbers = new Set([...v1.fields, ...v0.fields].map((f) => f.number));
  return [...numbers].flatMap((number) => {
    const a = v1.fields.find((f) => f.number === number);
    const b = v0.fields.find((f) => f.number === number);
    if (a && b) return compareFields(a, b).map((columns) => [`${number}`, ...columns]);
    return [[`${number}`, a ? 'only-v1' : 'only-v0', describe(a), describe(b)]];
  });
}

const describe = (field: DescField | undefined) =>
  field ? `${labelOf(field)} ${typeOf(field)} ${field.name}` : '';

function compareFields(v1: DescField, v0: DescField): string[][] {
  const rows: string[][] = [];
  if (v1.name !== v0.name) rows.push(['name', v1.name, v0.name]);
  const same = (what: string, a: string, b: string, isSame = a === b) => {
    if (!isSame) rows.push([what, `${v1.name}: ${a}`, `${v0.name}: ${b}`]);
  };
  const [a, b] = [typeOf(v1), typeOf(v0)];
  same('type', a, b, a.replace('mesos.v1.', 'mesos.') === b);
  same('label', labelOf(v1), labelOf(v0));
  same('default', v1.proto.defaultValue, v0.proto.defaultValue);
  same('notes', notesOf(v1), notesOf(v0));
  return rows;
}
