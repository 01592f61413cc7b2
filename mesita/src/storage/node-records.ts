// Records as nodes of a server that bounds their size: `r/<key>` begins with the number of parts,
// the others are `p/<part>/<key>`. A commit that is too large for one transaction waits as a
// journal: `journal` says that it counts, `j/<part>` hold it.
import { StorageError } from './storage.ts';

type Changes = ReadonlyMap<string, Uint8Array | undefined>;

const JOURNAL = 'journal';
const RECORD = 'r/';
const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;
const DELETED = 0xff_ff_ff_ff;

interface NodeRecords {
  readonly records: Map<string, Uint8Array>;
  /** Of records in more than one part. */
  readonly parts: Map<string, number>;
  /** A commit that counts, and whose nodes may not all be written. */
  readonly journal: Changes | undefined;
}

export function readRecords(nodes: ReadonlyMap<string, Uint8Array>, where: string): NodeRecords {
  const records = new Map<string, Uint8Array>();
  const parts = new Map<string, number>();
  const journalParts = nodes.get(JOURNAL);
  const journal = journalParts && readJournal(nodes, countOf(journalParts), where);
  for (const [name, bytes] of nodes) {
    if (!name.startsWith(RECORD)) continue;
    const key = name.slice(RECORD.length);
    const count = countOf(bytes);
    if (count > 1) parts.set(key, count);
    // What the journal replaces may be half written.
    if (journal?.has(key)) continue;
    const rest = Array.from({ length: count - 1 }, (_, index) => {
      return need(nodes, partName(key, index + 1), where);
    });
    records.set(key, Buffer.concat([bytes.subarray(COUNT_BYTES), ...rest]));
  }
  for (const [key, value] of journal ?? []) if (value) records.set(key, value);
  return { records, parts, journal };
}

/** The nodes that a commit changes. `parts` is brought up to date. */
export function nodesOf(
  changes: Changes,
  parts: Map<string, number>,
  limit: number,
): Map<string, Uint8Array | undefined> {
  const nodes = new Map<string, Uint8Array | undefined>();
  for (const [key, value] of changes) {
    const pieces = value === undefined ? [] : split(value, limit - COUNT_BYTES);
    const before = parts.get(key) ?? 1;
    for (let index = 1; index < Math.max(before, pieces.length); index++) {
      nodes.set(partName(key, index), pieces[index]);
    }
    const [first] = pieces;
    nodes.set(RECORD + key, first && Buffer.concat([encodeCount(pieces.length), first]));
    if (pieces.length > 1) parts.set(key, pieces.length);
    else parts.delete(key);
  }
  return nodes;
}

/** What is written before the commit counts, what makes it count, and what ends the journal. */
export function journalOf(changes: Changes, limit: number) {
  const pieces = split(encodeChanges(changes), limit);
  const entries = pieces.map((piece, index) => [`j/${index}`, piece] as const);
  return {
    before: new Map(entries),
    decision: new Map([[JOURNAL, encodeCount(pieces.length)]]),
    after: new Map<string, undefined>([
      [JOURNAL, undefined],
      ...entries.map(([name]) => [name, undefined] as const),
    ]),
  };
}

function readJournal(nodes: ReadonlyMap<string, Uint8Array>, count: number, where: string) {
  const pieces = Array.from({ length: count }, (_, index) => need(nodes, `j/${index}`, where));
  return decodeChanges(Buffer.concat(pieces));
}

function need(nodes: ReadonlyMap<string, Uint8Array>, name: string, where: string): Uint8Array {
  const bytes = nodes.get(name);
  if (!bytes) throw new StorageError('damaged', `${where} is damaged: node '${name}' is missing`);
  return bytes;
}

function partName(key: string, index: number): string {
  return `p/${index}/${key}`;
}

function split(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces = [bytes.subarray(0, size)];
  for (let at = size; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function encodeCount(count: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(COUNT_BYTES);
  bytes.writeUInt16BE(count, 0);
  return bytes;
}

function countOf(bytes: Uint8Array): number {
  return ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
}

function encodeChanges(changes: Changes): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const [key, value] of changes) {
    const name = Buffer.from(key);
    pieces.push(encodeLength(name.length), name, encodeLength(value?.length ?? DELETED));
    if (value) pieces.push(value);
  }
  return Buffer.concat(pieces);
}

function decodeChanges(bytes: Buffer): Changes {
  const changes = new Map<string, Uint8Array | undefined>();
  let at = 0;
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const takeLength = () => take(LENGTH_BYTES).readUInt32BE(0);
  while (at < bytes.length) {
    const key = take(takeLength()).toString();
    const length = takeLength();
    changes.set(key, length === DELETED ? undefined : take(length));
  }
  return changes;
}

function encodeLength(length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES);
  bytes.writeUInt32BE(length, 0);
  return bytes;
}
