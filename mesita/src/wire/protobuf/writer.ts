// Writes the primitives of the protobuf wire format from the END of the buffer towards its start.
// A message's length is then known when its prefix is due, so nothing is measured or moved.

export interface Writer {
  buffer: Uint8Array;
  view: DataView;
  /** Offset of the first byte written so far. */
  position: number;
}

const two32 = 0x1_0000_0000;
const two63 = 2 ** 63;
const two64 = 2 ** 64;

export function openWriter(size: number): Writer {
  const buffer = new Uint8Array(size);
  return { buffer, view: new DataView(buffer.buffer), position: size };
}

/** Makes room for `length` more bytes before the written ones. */
function reserve(w: Writer, length: number): number {
  if (w.position < length) grow(w, length);
  w.position -= length;
  return w.position;
}

function grow(w: Writer, length: number): void {
  const written = w.buffer.length - w.position;
  const buffer = new Uint8Array(Math.max(w.buffer.length * 2, written + length));
  buffer.set(w.buffer.subarray(w.position), buffer.length - written);
  w.buffer = buffer;
  w.view = new DataView(buffer.buffer);
  w.position = buffer.length - written;
}

/** A varint of a whole number from 0 to 2^32 - 1. */
export function writeVarint(w: Writer, value: number): void {
  if (value < 0x80) {
    w.buffer[reserve(w, 1)] = value;
    return;
  }
  const size = value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
  let p = reserve(w, size);
  let rest = value;
  while (rest >= 0x80) {
    w.buffer[p++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  w.buffer[p] = rest;
}

export function writeUint32(w: Writer, value: number): void {
  writeVarint(w, value >>> 0);
}

/** Negative numbers take ten bytes: they are widened to 64 bits. */
export function writeInt32(w: Writer, value: number): void {
  if (value < 0) writeHalves(w, value | 0, -1);
  else writeVarint(w, value >>> 0);
}

export function writeSint32(w: Writer, value: number): void {
  writeUint32(w, (value << 1) ^ (value >> 31));
}

export function writeBool(w: Writer, value: boolean): void {
  w.buffer[reserve(w, 1)] = value ? 1 : 0;
}

export function writeInt64(w: Writer, value: number): void {
  if (value >= two63) writeHalves(w, -1, 0x7fff_ffff);
  else if (value < -two63) writeHalves(w, 0, -0x8000_0000);
  else writeNumber(w, Math.trunc(value));
}

export function writeUint64(w: Writer, value: number): void {
  if (value >= two64) writeHalves(w, -1, -1);
  else writeNumber(w, Math.trunc(value));
}

function writeNumber(w: Writer, value: number): void {
  if (value >= 0 && value < two32) writeVarint(w, value);
  else writeHalves(w, (value % two32) | 0, Math.floor(value / two32) | 0);
}

export function writeSint64(w: Writer, value: number): void {
  writeBigSint64(w, BigInt(Math.trunc(value)));
}

export function writeBigInt64(w: Writer, value: bigint): void {
  const low = Number(BigInt.asIntN(32, value));
  writeHalves(w, low, Number(BigInt.asIntN(32, value >> 32n)));
}

export function writeBigSint64(w: Writer, value: bigint): void {
  writeBigInt64(w, (value << 1n) ^ (value >> 63n));
}

function writeHalves(w: Writer, low: number, high: number): void {
  let lo = low >>> 0;
  let hi = high >>> 0;
  if (hi === 0) {
    writeVarint(w, lo);
    return;
  }
  let size = 1;
  for (let rest = hi * 16 + (lo >>> 28); rest > 0; rest = Math.floor(rest / 128)) size++;
  size += 3;
  let p = reserve(w, size);
  for (; size > 1; size--) {
    w.buffer[p++] = (lo & 0x7f) | 0x80;
    lo = ((lo >>> 7) | (hi << 25)) >>> 0;
    hi >>>= 7;
  }
  w.buffer[p] = lo;
}

export function writeDouble(w: Writer, value: number): void {
  const p = reserve(w, 8);
  w.view.setFloat64(p, value, true);
}

export function writeFloat(w: Writer, value: number): void {
  const p = reserve(w, 4);
  w.view.setFloat32(p, value, true);
}

export function writeFixed32(w: Writer, value: number): void {
  const p = reserve(w, 4);
  w.view.setUint32(p, value, true);
}

export function writeBigFixed64(w: Writer, value: bigint): void {
  const p = reserve(w, 8);
  w.view.setBigUint64(p, BigInt.asUintN(64, value), true);
}

export function writeFixed64(w: Writer, value: number): void {
  writeBigFixed64(w, BigInt(Math.trunc(value)));
}

export function writeRaw(w: Writer, bytes: Uint8Array): void {
  const p = reserve(w, bytes.length);
  w.buffer.set(bytes, p);
}

export function writeBytes(w: Writer, bytes: Uint8Array): void {
  writeRaw(w, bytes);
  writeVarint(w, bytes.length);
}

const utf8 = new TextEncoder();

export function writeString(w: Writer, text: string): void {
  const end = w.position;
  const written = w.buffer.length - end;
  if (text.length > 64 || !writeAscii(w, text)) writeLongText(w, text, written);
  writeVarint(w, w.buffer.length - w.position - written);
}

function writeAscii(w: Writer, text: string): boolean {
  const p = reserve(w, text.length);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x80) {
      w.position = p + text.length;
      return false;
    }
    w.buffer[p + i] = c;
  }
  return true;
}

/** Encodes at the front of the most it can take, then moves it to the end. */
function writeLongText(w: Writer, text: string, written: number): void {
  const most = text.length * 3;
  const p = reserve(w, most);
  const end = w.buffer.length - written;
  const size = utf8.encodeInto(text, w.buffer.subarray(p, end)).written;
  w.buffer.copyWithin(end - size, p, p + size);
  w.position = end - size;
}
