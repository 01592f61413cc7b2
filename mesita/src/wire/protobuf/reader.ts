// Reads the primitives of the protobuf wire format. Every read is checked against `end`.
import { DecodeError } from '../errors.ts';
import { readText } from './words.ts';

export interface Reader {
  readonly bytes: Uint8Array;
  position: number;
  /** Where the message being read ends. */
  end: number;
}

export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireBytes = 2;
const wireGroup = 3;
const wireGroupEnd = 4;
export const wireFixed32 = 5;

/** Messages and groups may nest this deep, as in the C++ library. */
export const maxDepth = 100;

const two32 = 0x1_0000_0000;

export function openReader(input: Uint8Array): Reader {
  // Of a Buffer, `slice` would share the memory instead of copying it.
  const isBuffer = input.constructor !== Uint8Array;
  const { buffer, byteOffset, byteLength } = input;
  const bytes = isBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : input;
  return { bytes, position: 0, end: byteLength };
}

// The halves of the varint read last. A pair returned would be garbage for each number.
let low = 0;
let high = 0;

function readVarint(r: Reader): void {
  const { bytes, end } = r;
  let p = r.position;
  low = 0;
  high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (p >= end) throw truncated(r);
    const b = bytes[p++] as number;
    const bits = b & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >> 4;
    } else high |= bits << (shift - 32);
    if (b < 0x80) {
      r.position = p;
      return;
    }
  }
  throw new DecodeError(`Malformed protobuf: overlong varint before byte ${p}`);
}

export function readTag(r: Reader): number {
  const b = r.bytes[r.position] as number;
  if (b < 0x80) r.position++;
  else readVarint(r);
  const tag = b < 0x80 ? b : low >>> 0;
  if (b >= 0x80 && high !== 0) throw new DecodeError('Malformed protobuf: field number too large');
  if (tag >>> 3 === 0) throw new DecodeError('Malformed protobuf: field number 0');
  return tag;
}

export function readInt32(r: Reader): number {
  const b = r.bytes[r.position] as number;
  if (b < 0x80 && r.position < r.end) {
    r.position++;
    return b;
  }
  readVarint(r);
  return low | 0;
}

export function readUint32(r: Reader): number {
  return readInt32(r) >>> 0;
}

export function readSint32(r: Reader): number {
  const n = readInt32(r);
  return (n >>> 1) ^ -(n & 1);
}

export function readBool(r: Reader): boolean {
  readVarint(r);
  return (low | high) !== 0;
}

// Beyond 2^53 the numbers round; fields where that matters are read as bigint.
export function readInt64(r: Reader): number {
  readVarint(r);
  return (high | 0) * two32 + (low >>> 0);
}

export function readUint64(r: Reader): number {
  readVarint(r);
  return (high >>> 0) * two32 + (low >>> 0);
}

export function readSint64(r: Reader): number {
  return Number(readBigSint64(r));
}

export function readBigInt64(r: Reader): bigint {
  return BigInt.asIntN(64, readBigUint64(r));
}

export function readBigUint64(r: Reader): bigint {
  readVarint(r);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

export function readBigSint64(r: Reader): bigint {
  const n = readBigUint64(r);
  return (n >> 1n) ^ -(n & 1n);
}

/** Moves over `length` bytes and gives the offset of the first. */
export function take(r: Reader, length: number): number {
  const start = r.position;
  if (length > r.end - start) throw truncated(r);
  r.position = start + length;
  return start;
}

// A view of each message's bytes would cost more than copying the few that need one.
const fixed = new Uint8Array(8);
const view = new DataView(fixed.buffer);

function loadFixed(r: Reader, size: number): DataView {
  const start = take(r, size);
  for (let i = 0; i < size; i++) fixed[i] = r.bytes[start + i] as number;
  return view;
}

export const readDouble = (r: Reader) => loadFixed(r, 8).getFloat64(0, true);
export const readFloat = (r: Reader) => loadFixed(r, 4).getFloat32(0, true);
export const readFixed32 = (r: Reader) => loadFixed(r, 4).getUint32(0, true);
export const readSfixed32 = (r: Reader) => loadFixed(r, 4).getInt32(0, true);
export const readBigFixed64 = (r: Reader) => loadFixed(r, 8).getBigUint64(0, true);
export const readBigSfixed64 = (r: Reader) => loadFixed(r, 8).getBigInt64(0, true);
export const readFixed64 = (r: Reader) => Number(readBigFixed64(r));
export const readSfixed64 = (r: Reader) => Number(readBigSfixed64(r));

/** A copy: the message must not hold on to a whole request's bytes. */
export function readBytes(r: Reader): Uint8Array {
  const start = take(r, readUint32(r));
  return r.bytes.slice(start, r.position);
}

export function readString(r: Reader): string {
  const start = take(r, readUint32(r));
  return readText(r.bytes, start, r.position);
}

/** Moves over a field's value whose tag has just been read. */
export function skipValue(r: Reader, tag: number, depth: number): void {
  const open: number[] = [];
  let current = tag;
  for (;;) {
    skipOne(r, current, open);
    if (open.length === 0) return;
    if (depth + open.length > maxDepth) throw tooDeep();
    if (r.position >= r.end) throw truncated(r);
    current = readTag(r);
  }
}

function skipOne(r: Reader, tag: number, openGroups: number[]): void {
  switch (tag & 7) {
    case wireVarint:
      readVarint(r);
      return;
    case wireFixed64:
      take(r, 8);
      return;
    case wireBytes:
      take(r, readUint32(r));
      return;
    case wireGroup:
      openGroups.push(tag >>> 3);
      return;
    case wireGroupEnd:
      if (openGroups.pop() === tag >>> 3) return;
      throw new DecodeError('Malformed protobuf: end of a group that was not begun');
    case wireFixed32:
      take(r, 4);
      return;
    default:
      throw new DecodeError(`Malformed protobuf: unknown wire type ${tag & 7}`);
  }
}

function truncated(r: Reader): DecodeError {
  return new DecodeError(`Malformed protobuf: truncated at byte ${r.position}`);
}

export function tooDeep(): DecodeError {
  return new DecodeError(`Malformed protobuf: nested deeper than ${maxDepth} levels`);
}
