// Batches of changes, one after the other: length, checksum, changes. What follows the last whole
// batch is room, or was being written when the power went.
import { crc32 } from 'node:zlib';
import type { PlacedChange } from './files.ts';

const BATCH_HEADER_BYTES = 8;
const CHANGE_HEADER_BYTES = 17;
const kinds = ['replace', 'append', 'link', 'directory', 'remove'] as const;

/** Paths are kept relative to `meta`. */
export function encodeBatch(meta: string, changes: readonly PlacedChange[]): Buffer {
  const parts = changes.flatMap((change) => encodeChange(meta, change));
  const header = Buffer.alloc(BATCH_HEADER_BYTES);
  const batch = Buffer.concat([header, ...parts]);
  const body = batch.subarray(BATCH_HEADER_BYTES);
  batch.writeUInt32LE(body.length, 0);
  batch.writeUInt32LE(crc32(body), 4);
  return batch;
}

function encodeChange(meta: string, change: PlacedChange): readonly Uint8Array[] {
  const path = Buffer.from(change.path.slice(meta.length + 1));
  const content = contentOf(change);
  const header = Buffer.allocUnsafe(CHANGE_HEADER_BYTES);
  header.writeUInt8(kinds.indexOf(change.kind), 0);
  header.writeUInt32LE(path.length, 1);
  header.writeUInt32LE(content.length, 5);
  header.writeDoubleLE(change.kind === 'append' ? change.at : 0, 9);
  return [header, path, content];
}

function contentOf(change: PlacedChange): Uint8Array {
  if (change.kind === 'link') return Buffer.from(change.target);
  if (change.kind === 'append' || change.kind === 'replace') return Buffer.from(change.bytes);
  return new Uint8Array();
}

/** Every change of every whole batch, in order. */
export function* decodeBatches(meta: string, journal: Buffer): Generator<PlacedChange> {
  for (let at = 0; at + BATCH_HEADER_BYTES <= journal.length; ) {
    const length = journal.readUInt32LE(at);
    const body = journal.subarray(at + BATCH_HEADER_BYTES, at + BATCH_HEADER_BYTES + length);
    const isWhole = length > 0 && body.length === length;
    if (!isWhole || crc32(body) !== journal.readUInt32LE(at + 4)) return;
    yield* decodeChanges(meta, body);
    at += BATCH_HEADER_BYTES + length;
  }
}

function* decodeChanges(meta: string, body: Buffer): Generator<PlacedChange> {
  for (let at = 0; at < body.length; ) {
    const kind = kinds[body.readUInt8(at)];
    const pathEnd = at + CHANGE_HEADER_BYTES + body.readUInt32LE(at + 1);
    const end = pathEnd + body.readUInt32LE(at + 5);
    const path = `${meta}/${body.toString('utf8', at + CHANGE_HEADER_BYTES, pathEnd)}`;
    const bytes = body.subarray(pathEnd, end);
    if (kind === 'append') yield { kind, path, bytes, at: body.readDoubleLE(at + 9) };
    else if (kind === 'replace') yield { kind, path, bytes };
    else if (kind === 'link') yield { kind, path, target: bytes.toString() };
    else if (kind !== undefined) yield { kind, path };
    at = end;
  }
}
