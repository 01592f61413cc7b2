// How the store of one machine keeps records in LevelDB, so that damage is noticed: LevelDB drops
// what it cannot read of its log without a word.
import { crc32 } from 'node:zlib';
import { StorageError } from './storage.ts';

/** No record's key begins so. */
export const META_KEY = '!meta';

/** A whole registry under one key, without checksums: what versions before this format wrote. */
export const OLD_KEY = 'registry';

const FORMAT = 'mesita registry';
const VERSION = 1;
const CHECKSUM_BYTES = 4;

interface Meta {
  readonly epoch: number;
  readonly records: number;
  /** Of all records' checksums, by exclusive or. */
  readonly checksum: number;
}

export function encodeMeta(meta: Meta): Uint8Array {
  return Buffer.from(JSON.stringify({ format: FORMAT, version: VERSION, ...meta }));
}

export function decodeMeta(bytes: Uint8Array, where: string): Meta {
  let meta: Partial<Meta & { format: string; version: number }>;
  try {
    meta = JSON.parse(Buffer.from(bytes).toString()) ?? {};
  } catch (cause) {
    throw damaged(where, 'its description cannot be read', cause);
  }
  const { format, version = 0, epoch, records, checksum } = meta;
  if (format !== FORMAT) throw foreign(where);
  if (version > VERSION) {
    throw new StorageError(
      'newer-format',
      `${where} was written by a newer version, in format ${version}; this version knows ${VERSION}`,
    );
  }
  if (![epoch, records, checksum].every(Number.isSafeInteger)) {
    throw damaged(where, 'its description is incomplete');
  }
  return { epoch: epoch!, records: records!, checksum: checksum! };
}

export function checksumOf(key: string, value: Uint8Array): number {
  return crc32(value, crc32(key));
}

export function encodeValue(value: Uint8Array, checksum: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
  bytes.writeUInt32LE(checksum, 0);
  bytes.set(value, CHECKSUM_BYTES);
  return bytes;
}

export function decodeValue(key: string, bytes: Uint8Array, where: string): [Uint8Array, number] {
  const value = bytes.subarray(CHECKSUM_BYTES);
  const checksum = checksumOf(key, value);
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < CHECKSUM_BYTES || stored.readUInt32LE(0) !== checksum) {
    throw damaged(where, `record '${key}' does not match its checksum`);
  }
  return [value, checksum];
}

export function damaged(where: string, why: string, cause?: unknown): StorageError {
  return new StorageError('damaged', `${where} is damaged: ${why}`, cause);
}

export function foreign(where: string): StorageError {
  return new StorageError('foreign', `${where} holds something else than a registry`);
}
