import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BatchOperation, ClassicLevel } from 'classic-level';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { createGroupCommit } from './group-commit.ts';
import {
  checksumOf,
  damaged,
  decodeMeta,
  decodeValue,
  encodeMeta,
  encodeValue,
  foreign,
  META_KEY,
  OLD_KEY,
} from './local-format.ts';
import { type Commit, type Storage, StorageError, staleEpoch } from './storage.ts';

type Database = ClassicLevel<string, Uint8Array>;
type Operation = BatchOperation<Database, string, Uint8Array>;

/** Beside LevelDB's files once something was committed: an empty database is damage from then on. */
const MARKER = 'MESITA';

interface LocalOptions {
  /** Refuses a directory in which there is no registry, instead of beginning one. */
  readonly mustExist?: boolean;
}

/** What is known of the records without reading them again. */
interface Ledger {
  epoch: number;
  checksum: number;
  readonly checksums: Map<string, number>;
  /** The marker says that there must be something. */
  isMarked: boolean;
  /** What an earlier version left, until the first commit takes its place. */
  old: Uint8Array | undefined;
}

/** The registry of one machine, in LevelDB below `directory`; one process at a time. */
export async function openLocalStorage(
  directory: string,
  { mustExist = false }: LocalOptions = {},
): Promise<Storage> {
  const where = `the registry in '${directory}'`;
  const database = await open(directory, where, mustExist);
  let ledger: Ledger | undefined;

  async function load() {
    const records = new Map<string, Uint8Array>();
    const isMarked = (await readCheckpoint(join(directory, MARKER))) !== undefined;
    ledger = await read(database, where, records, isMarked);
    return { epoch: ledger.epoch, records };
  }

  async function write(commit: Commit): Promise<void> {
    if (!ledger) await load();
    const operations = apply(ledger!, commit);
    try {
      await database.batch(operations, { sync: true });
      if (!ledger!.isMarked) await mark(directory);
      ledger!.isMarked = true;
    } catch (cause) {
      throw new StorageError('unavailable', `cannot write ${where}`, cause);
    }
  }

  const { commit, close } = createGroupCommit(write);
  return {
    load,
    commit,
    async close() {
      await close();
      await database.close();
    },
  };
}

function mark(directory: string): Promise<void> {
  const text = 'The registry of a Mesita master. Its records are in the files beside this one.\n';
  return writeCheckpoint(join(directory, MARKER), text, { durableName: true });
}

async function open(directory: string, where: string, mustExist: boolean): Promise<Database> {
  try {
    if (!mustExist) await mkdir(directory, { recursive: true });
    await refuseStrangers(directory, where);
    // From here on it opens by itself: not before the check.
    const options = { valueEncoding: 'view', createIfMissing: !mustExist };
    const database: Database = new ClassicLevel(directory, options);
    await database.open();
    return database;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const cause = (error as Error).cause ?? error;
    const { code } = cause as { code?: string };
    if (code === 'LEVEL_LOCKED') {
      throw new StorageError('in-use', `${where} is in use by another process`, cause);
    }
    if (code === 'LEVEL_CORRUPTION') throw damaged(where, (cause as Error).message, cause);
    throw new StorageError('unavailable', `cannot open ${where}`, cause);
  }
}

/** LevelDB would begin anew where its file `CURRENT` is missing, whatever else there is. */
async function refuseStrangers(directory: string, where: string): Promise<void> {
  const names = await readdir(directory);
  if (names.includes('CURRENT')) return;
  // What is there when a crash came while it was being made.
  const isUnfinished = (name: string) => /^(LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.dbtmp)$/.test(name);
  const others = names.filter((name) => !isUnfinished(name));
  if (others.some((name) => name === MARKER || /^\d+\.(ldb|sst|log)$/.test(name))) {
    throw damaged(where, `file 'CURRENT' is missing`);
  }
  if (others.length > 0) throw foreign(where);
}

/** Everything, compared with what the last commit said of it. */
async function read(
  database: Database,
  where: string,
  records: Map<string, Uint8Array>,
  isMarked: boolean,
): Promise<Ledger> {
  const stored = new Map<string, Uint8Array>();
  const iterator = database.iterator();
  try {
    for (;;) {
      const entries = await iterator.nextv(1000);
      if (entries.length === 0) break;
      for (const [key, value] of entries) stored.set(key, value);
    }
  } catch (cause) {
    throw damaged(where, (cause as Error).message, cause);
  } finally {
    await iterator.close();
  }
  const description = stored.get(META_KEY);
  const ledger: Ledger = {
    ...{ epoch: 0, checksum: 0, checksums: new Map(), isMarked },
    old: description ? undefined : stored.get(OLD_KEY),
  };
  if (!description) {
    if (isMarked) throw damaged(where, 'its description is missing');
    if (stored.size > (ledger.old ? 1 : 0)) throw foreign(where);
    if (ledger.old) records.set(OLD_KEY, ledger.old);
    return ledger;
  }
  stored.delete(META_KEY);
  const meta = decodeMeta(description, where);
  ledger.epoch = meta.epoch;
  for (const [key, bytes] of stored) {
    const [value, checksum] = decodeValue(key, bytes, where);
    records.set(key, value);
    note(ledger, key, checksum);
  }
  if (records.size !== meta.records || ledger.checksum !== meta.checksum) {
    throw damaged(where, `it has ${records.size} records where ${meta.records} were written`);
  }
  return ledger;
}

/** The batch of a commit; the ledger says from then on that it was made. */
function apply(ledger: Ledger, { epoch, changes }: Commit): Operation[] {
  if (epoch < ledger.epoch) throw staleEpoch(epoch, ledger.epoch);
  ledger.epoch = epoch;
  const all =
    ledger.old && !changes.has(OLD_KEY) ? [...changes, [OLD_KEY, ledger.old] as const] : changes;
  const operations: Operation[] = [];
  for (const [key, value] of all) {
    if (value) {
      const checksum = checksumOf(key, value);
      note(ledger, key, checksum);
      operations.push({ type: 'put', key, value: encodeValue(value, checksum) });
    } else {
      note(ledger, key, undefined);
      operations.push({ type: 'del', key });
    }
  }
  ledger.old = undefined;
  const { checksum, checksums } = ledger;
  const meta = encodeMeta({ epoch, checksum, records: checksums.size });
  return [...operations, { type: 'put', key: META_KEY, value: meta }];
}

function note(ledger: Ledger, key: string, checksum: number | undefined): void {
  const before = ledger.checksums.get(key) ?? 0;
  ledger.checksum = (ledger.checksum ^ before ^ (checksum ?? 0)) >>> 0;
  if (checksum === undefined) ledger.checksums.delete(key);
  else ledger.checksums.set(key, checksum);
}
