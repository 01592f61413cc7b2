import type { MessageSchema } from '../descriptor.ts';
import { missingFields } from '../required.ts';
import { type FieldPlan, type Plan, partPlan, planOf, stringScalar } from './plan.ts';
import { openWriter, type Writer, writeInt32, writeRaw, writeVarint } from './writer.ts';

type Message = Readonly<Record<string, unknown>>;

// One buffer serves all encodes, which never interleave; a huge one is not kept.
const usual = 64 * 1024;
let shared = openWriter(usual);

/**
 * Writes a message, fields by ascending number, then its `$unknown`. Throws an Error when a
 * required field is unset or an enum name is none: both are faults of the caller, not of input.
 */
export function encode<T>(schema: MessageSchema<T>, message: T): Uint8Array {
  const w = shared;
  w.position = w.buffer.length;
  writeMessage(w, planOf(schema), message as Message);
  const bytes = w.buffer.slice(w.position);
  if (w.buffer.length > 16 * usual) shared = openWriter(usual);
  return bytes;
}

function writeMessage(w: Writer, plan: Plan, message: Message): void {
  for (const property of plan.required)
    if (message[property] === undefined) throw unset(plan, message);
  const unknown = message.$unknown as Uint8Array | undefined;
  if (unknown !== undefined) writeRaw(w, unknown);
  const { fields } = plan;
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i] as FieldPlan;
    const value = message[field.property];
    if (value === undefined) continue;
    if (field.repeated) writeList(w, field, value as readonly unknown[]);
    else if (field.map) writeMap(w, field, value as Message);
    else writeField(w, field, field.tag, value);
  }
}

function writeField(w: Writer, field: FieldPlan, tag: number, value: unknown): void {
  writeValue(w, field, value);
  writeVarint(w, tag);
}

function writeValue(w: Writer, field: FieldPlan, value: unknown): void {
  if (field.scalar !== undefined) field.scalar.write(w, value as never);
  else if (field.message !== undefined) writePart(w, partPlan(field), value as Message);
  else writeInt32(w, enumNumber(field, value as string));
}

function writePart(w: Writer, plan: Plan, part: Message): void {
  // Counted from the end: the buffer may move while the part is written.
  const before = w.buffer.length - w.position;
  writeMessage(w, plan, part);
  writeVarint(w, w.buffer.length - w.position - before);
}

function writeList(w: Writer, field: FieldPlan, list: readonly unknown[]): void {
  for (let i = list.length - 1; i >= 0; i--) writeField(w, field, field.tag, list[i]);
}

function writeMap(w: Writer, field: FieldPlan, map: Message): void {
  const keys = Object.keys(map);
  const wireType = field.message ? 2 : (field.scalar?.wireType ?? 0);
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] as string;
    const before = w.buffer.length - w.position;
    writeField(w, field, (2 << 3) | wireType, map[key]);
    stringScalar.write(w, key as never);
    writeVarint(w, (1 << 3) | 2);
    writeVarint(w, w.buffer.length - w.position - before);
    writeVarint(w, field.tag);
  }
}

function enumNumber(field: FieldPlan, name: string): number {
  const number = field.enumeration?.numbers[name];
  if (number === undefined) throw new Error(`encode: '${name}' is no value of ${field.property}`);
  return number;
}

function unset(plan: Plan, message: Message): Error {
  const missing = missingFields(plan.schema, message).join(', ');
  return new Error(`encode: unset required fields of ${plan.schema.name}: ${missing}`);
}
