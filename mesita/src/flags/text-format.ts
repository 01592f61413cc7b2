import type { EnumSchema, Field, MessageSchema } from '../wire/descriptor.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Protobuf's text format, several lines: the way Mesos prints a message it has no better text for. */
export function formatText(schema: MessageSchema<unknown>, value: unknown): string {
  return formatFields(schema, value as Plain, '');
}

function formatFields(schema: MessageSchema<unknown>, value: Plain, indent: string): string {
  let text = '';
  for (const field of schema.fields) {
    const content = value[field.property];
    if (content === undefined) continue;
    for (const element of elements(field, content)) text += formatField(field, element, indent);
  }
  return text;
}

function elements(field: Field, content: unknown): readonly unknown[] {
  if (field.label === 'repeated') return content as readonly unknown[];
  if (field.label === 'map') {
    return Object.entries(content as Plain).map(([key, value]) => ({ key, value }));
  }
  return [content];
}

function formatField(field: Field, value: unknown, indent: string): string {
  const { name, type } = field;
  if (field.label === 'map') {
    const { key, value: content } = value as { key: string; value: unknown };
    const inner = `${indent}  `;
    const entry = formatField({ ...field, name: 'value', label: 'optional' }, content, inner);
    return `${indent}${name} {\n${inner}key: ${JSON.stringify(key)}\n${entry}${indent}}\n`;
  }
  if (typeof type === 'object' && type.kind === 'message') {
    return `${indent}${name} {\n${formatFields(type, value as Plain, `${indent}  `)}${indent}}\n`;
  }
  return `${indent}${name}: ${formatScalar(type as EnumSchema | string, value)}\n`;
}

function formatScalar(type: EnumSchema | string, value: unknown): string {
  if (type === 'string') return quote(new TextEncoder().encode(value as string));
  if (type === 'bytes') return quote(value as Uint8Array);
  return String(value);
}

const ESCAPES: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  39: "\\'",
  92: '\\\\',
};

function quote(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const known = ESCAPES[byte];
    if (known !== undefined) text += known;
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `${text}"`;
}
