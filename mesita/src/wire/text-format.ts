// Protobuf's text format: how Mesos shows a message that it has no better text for, as the flags
// that are messages in /flags.
import type { EnumSchema, Field, MessageSchema, ScalarKind } from './descriptor.ts';

type Message = Readonly<Record<string, unknown>>;

/** One line a field, nested messages indented by two; ends with a line feed unless empty. */
export function toTextFormat<T>(schema: MessageSchema<T>, message: T): string {
  return writeFields(schema, message as Message, '');
}

function writeFields(schema: MessageSchema<unknown>, message: Message, indent: string): string {
  let text = '';
  for (const field of schema.fields) {
    const value = message[field.property];
    if (value === undefined) continue;
    if (field.label === 'repeated') {
      for (const element of value as readonly unknown[])
        text += writeField(field, field.name, element, indent);
    } else if (field.label === 'map') text += writeEntries(field, value as Message, indent);
    else text += writeField(field, field.name, value, indent);
  }
  return text;
}

function writeField(field: Field, name: string, value: unknown, indent: string): string {
  const { type } = field;
  if (typeof type === 'object' && type.kind === 'message') {
    const inner = writeFields(type, value as Message, `${indent}  `);
    return `${indent}${name} {\n${inner}${indent}}\n`;
  }
  return `${indent}${name}: ${writeScalar(type, value)}\n`;
}

function writeEntries(field: Field, map: Message, indent: string): string {
  const inner = `${indent}  `;
  return Object.entries(map)
    .map(([key, value]) => {
      const content = `${inner}key: ${quote(utf8.encode(key))}\n${writeField(field, 'value', value, inner)}`;
      return `${indent}${field.name} {\n${content}${indent}}\n`;
    })
    .join('');
}

const utf8 = new TextEncoder();

function writeScalar(
  type: ScalarKind | EnumSchema | MessageSchema<unknown>,
  value: unknown,
): string {
  switch (type) {
    case 'string':
      return quote(utf8.encode(value as string));
    case 'bytes':
      return quote(value as Uint8Array);
    case 'double':
      return writeFloating(value as number, 15);
    case 'float':
      return writeFloating(value as number, 6);
    default:
      return String(value);
  }
}

/** In 15 digits (of a float 6) if they read back as the same number, else in a few more. */
function writeFloating(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const short = Number(value.toPrecision(digits));
  const isSame = short === value || (digits === 6 && Math.fround(short) === Math.fround(value));
  return writeGeneral(value, isSame ? digits : digits + (digits === 6 ? 3 : 2));
}

/** As `%g` of C. */
function writeGeneral(value: number, digits: number): string {
  const strip = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
  if (Number(exponent) >= -4 && Number(exponent) < digits) return strip(value.toPrecision(digits));
  return `${strip(mantissa)}e${exponent.replace(/^([-+])(\d)$/, '$10$2')}`;
}

const escapes = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [39, "\\'"],
  [92, '\\\\'],
]);

function quote(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : undefined;
    text += escapes.get(byte) ?? plain ?? `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `"${text}"`;
}
