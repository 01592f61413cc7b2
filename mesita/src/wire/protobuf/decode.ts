import type { MessageSchema } from '../descriptor.ts';
import { checkRequired } from '../required.ts';
import { type FieldPlan, type Plan, partPlan, planOf, stringScalar } from './plan.ts';
import {
  maxDepth,
  openReader,
  type Reader,
  readInt32,
  readTag,
  readUint32,
  skipValue,
  take,
  tooDeep,
  wireBytes,
  wireVarint,
} from './reader.ts';
import { findPart, hashPart, maxSharedLength, sharePart, unshare } from './shared-parts.ts';
import { attachUnknown, keepUnknown, type UnknownFields } from './unknown.ts';
import { openWriter, writeInt32, writeVarint } from './writer.ts';

type Message = Record<string, unknown>;

interface Decoding extends Reader {
  unknown: UnknownFields | undefined;
  /** A message ended without one of its required fields; a later piece may have brought it. */
  incomplete: boolean;
  /** Counts what keeps a part from being shared: unknown fields, missing ones. */
  odd: number;
}

/** A level takes two bytes: down to here, nothing that is shared can nest too deeply. */
const maxSharedDepth = maxDepth - maxSharedLength / 2;

/**
 * Reads one message by proto2's rules: the last value of a singular field wins, pieces of one
 * singular message merge, unknown fields and enum numbers are kept in `$unknown`. Strings are
 * read leniently. Takes linear time and throws nothing but DecodeError.
 */
export function decode<T>(schema: MessageSchema<T>, bytes: Uint8Array): T {
  const plan = planOf(schema);
  const r = openReader(bytes);
  const d: Decoding = {
    bytes: r.bytes,
    position: 0,
    end: r.end,
    unknown: undefined,
    incomplete: false,
    odd: 0,
  };
  const message: Message = {};
  readMessage(d, plan, message, 1);
  if (d.unknown) attachUnknown(d.unknown);
  if (d.incomplete) checkRequired(schema, message);
  return message as T;
}

/** Reads fields up to `d.end`. */
function readMessage(d: Decoding, plan: Plan, message: Message, depth: number): void {
  if (depth > maxDepth) throw tooDeep();
  while (d.position < d.end) {
    const start = d.position;
    const tag = readTag(d);
    const field = plan.byNumber[tag >>> 3];
    if (field !== undefined && readField(d, field, tag, message, depth)) continue;
    skipValue(d, tag, depth);
    d.odd++;
    d.unknown ??= new Map();
    keepUnknown(d.unknown, message, d.bytes, start, d.position);
  }
  for (const property of plan.required) {
    if (message[property] !== undefined) continue;
    d.odd++;
    d.incomplete = true;
  }
}

/** False, and nothing read, when the schema does not know the value: it is then kept as it is. */
function readField(
  d: Decoding,
  field: FieldPlan,
  tag: number,
  message: Message,
  depth: number,
): boolean {
  if (tag !== field.tag) {
    if (!field.repeated || (tag & 7) !== wireBytes) return false;
    readPacked(d, field, message);
  } else if (field.scalar !== undefined && !field.map) set(field, message, field.scalar.read(d));
  else if (field.map) readEntry(d, field, message, depth);
  else if (field.message !== undefined) readSubmessage(d, field, message, depth);
  else return readEnum(d, field, message);
  return true;
}

function readSubmessage(d: Decoding, field: FieldPlan, message: Message, depth: number): void {
  const plan = partPlan(field);
  const known = field.repeated ? undefined : (message[field.property] as Message | undefined);
  if (known === undefined) {
    set(field, message, readNewPart(d, plan, depth));
    return;
  }
  const part = unshare(known);
  readPart(d, plan, part, depth);
  message[field.property] = part;
}

function readNewPart(d: Decoding, plan: Plan, depth: number): object {
  const { bytes, position, odd } = d;
  const length = readUint32(d);
  const start = take(d, length);
  const end = start + length;
  const hash = depth <= maxSharedDepth ? hashPart(bytes, start, end) : undefined;
  const found = hash !== undefined && findPart(hash, plan, bytes, start, end);
  if (found) return found;
  const part: Message = {};
  d.position = position;
  readPart(d, plan, part, depth);
  if (hash !== undefined && d.odd === odd) sharePart(hash, plan, bytes, start, end, part);
  return part;
}

function set(field: FieldPlan, message: Message, value: unknown): void {
  const { property } = field;
  if (field.repeated) {
    const list = message[property];
    if (list === undefined) message[property] = [value];
    else (list as unknown[]).push(value);
    return;
  }
  for (const rival of field.rivals) if (rival in message) delete message[rival];
  message[property] = value;
}

function readPart(d: Decoding, plan: Plan, part: Message, depth: number): void {
  const length = readUint32(d);
  const end = take(d, length) + length;
  const outer = d.end;
  d.position = end - length;
  d.end = end;
  readMessage(d, plan, part, depth + 1);
  d.end = outer;
}

/** A number that the enum does not have is unknown, not a value: enums of proto2 are closed. */
function readEnum(d: Decoding, field: FieldPlan, message: Message): boolean {
  const start = d.position;
  const name = field.enumeration?.names.get(readInt32(d));
  if (name === undefined) {
    d.position = start;
    return false;
  }
  set(field, message, name);
  return true;
}

function readPacked(d: Decoding, field: FieldPlan, message: Message): void {
  const length = readUint32(d);
  const end = take(d, length) + length;
  const outer = d.end;
  d.position = end - length;
  d.end = end;
  while (d.position < end) {
    if (field.scalar !== undefined) set(field, message, field.scalar.read(d));
    else if (!readEnum(d, field, message)) keepNumber(d, field, message);
  }
  d.end = outer;
}

/** Out of a packed list, a number needs a tag of its own. */
function keepNumber(d: Decoding, field: FieldPlan, message: Message): void {
  const w = openWriter(16);
  writeInt32(w, readInt32(d));
  writeVarint(w, field.tag);
  d.odd++;
  d.unknown ??= new Map();
  keepUnknown(d.unknown, message, w.buffer, w.position, w.buffer.length);
}

/** Entries are messages of a key, 1, and a value, 2; the last of a key wins. */
function readEntry(d: Decoding, field: FieldPlan, message: Message, depth: number): void {
  if (depth >= maxDepth) throw tooDeep();
  const length = readUint32(d);
  const end = take(d, length) + length;
  const outer = d.end;
  d.position = end - length;
  d.end = end;
  let key = '';
  const entry: Message = {};
  const valueTag = (2 << 3) | valueWireType(field);
  while (d.position < end) {
    const tag = readTag(d);
    if (tag === ((1 << 3) | wireBytes)) key = stringScalar.read(d) as string;
    else if (tag === valueTag) readEntryValue(d, field, entry, depth + 1);
    else skipValue(d, tag, depth + 1);
  }
  d.end = outer;
  const value = entry.value ?? emptyValue(d, field);
  if (value === undefined) return;
  // Keys come from clients: 'constructor' must not be found where nobody put it.
  message[field.property] ??= Object.create(null);
  (message[field.property] as Message)[key] = value;
}

function valueWireType(field: FieldPlan): number {
  if (field.message !== undefined) return wireBytes;
  return field.scalar?.wireType ?? wireVarint;
}

function readEntryValue(d: Decoding, field: FieldPlan, entry: Message, depth: number): void {
  if (field.message !== undefined) {
    entry.value ??= {};
    readPart(d, partPlan(field), entry.value as Message, depth);
  } else if (field.scalar !== undefined) entry.value = field.scalar.read(d);
  else entry.value = field.enumeration?.names.get(readInt32(d));
}

function emptyValue(d: Decoding, field: FieldPlan): unknown {
  if (field.message !== undefined) {
    if (partPlan(field).required.length > 0) {
      d.odd++;
      d.incomplete = true;
    }
    return {};
  }
  switch (field.field.type) {
    case 'string':
      return '';
    case 'bytes':
      return new Uint8Array();
    case 'bool':
      return false;
    default:
      return field.enumeration ? undefined : 0;
  }
}
