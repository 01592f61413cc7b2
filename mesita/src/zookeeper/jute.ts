// ZooKeeper's encoding of records: big-endian numbers, and lengths in front of texts and lists.
import { ZooKeeperError } from './errors.ts';

export interface JuteWriter {
  bool(value: boolean): void;
  int(value: number): void;
  long(value: bigint): void;
  buffer(bytes: Uint8Array): void;
  string(text: string): void;
  /** All that was written, behind its length: one frame. */
  frame(): Buffer;
}

export function createWriter(): JuteWriter {
  const parts: Buffer[] = [];
  function int(value: number): void {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value);
    parts.push(bytes);
  }
  function buffer(bytes: Uint8Array): void {
    int(bytes.length);
    parts.push(Buffer.from(bytes));
  }
  return {
    int,
    buffer,
    bool: (value) => parts.push(Buffer.of(value ? 1 : 0)),
    long(value) {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeBigInt64BE(value);
      parts.push(bytes);
    },
    string: (text) => buffer(Buffer.from(text)),
    frame() {
      const body = Buffer.concat(parts);
      const length = Buffer.allocUnsafe(4);
      length.writeInt32BE(body.length);
      return Buffer.concat([length, body]);
    },
  };
}

/** Throws a `PROTOCOL` error where the bytes end too early. */
export interface JuteReader {
  bool(): boolean;
  int(): number;
  long(): bigint;
  buffer(): Buffer;
  string(): string;
  strings(): string[];
  readonly isAtEnd: boolean;
}

export function createReader(bytes: Buffer): JuteReader {
  let at = 0;
  function take(length: number): number {
    const start = at;
    if (length < 0 || start + length > bytes.length) {
      throw new ZooKeeperError('PROTOCOL', 'an answer of ZooKeeper ends too early');
    }
    at += length;
    return start;
  }
  const int = () => bytes.readInt32BE(take(4));
  function buffer(): Buffer {
    // Nothing at all is written as -1.
    const length = Math.max(0, int());
    const start = take(length);
    return bytes.subarray(start, start + length);
  }
  const string = () => buffer().toString();
  return {
    int,
    buffer,
    string,
    bool: () => bytes[take(1)] !== 0,
    long: () => bytes.readBigInt64BE(take(8)),
    strings: () => Array.from({ length: Math.max(0, checkedCount(int(), bytes.length)) }, string),
    get isAtEnd() {
      return at === bytes.length;
    },
  };
}

/** Each takes four bytes at least: a larger count is a lie. */
function checkedCount(count: number, length: number): number {
  if (count * 4 <= length) return count;
  throw new ZooKeeperError('PROTOCOL', 'an answer of ZooKeeper ends too early');
}
