import type { Clock, Logger } from '@mesita/sdk/base';
import { syncDirectory } from '../../storage/checkpoint.ts';
import type { CheckpointRecord } from '../core/effects.ts';
import {
  applyChange,
  applyDurably,
  createGrowingFiles,
  type FileChange,
  type PlacedChange,
} from './files.ts';
import { createJournal } from './journal.ts';
import { metaPath } from './paths.ts';
import { agentChanges, changesOf, type JournaledRecord, runDirectory } from './records.ts';
import { commitResources, resourcesPath } from './resources.ts';

export interface CheckpointWriter {
  /**
   * Resolves when these records and all before them would outlive a power cut. What comes in while
   * a batch is being written becomes the next one. A full disk is waited out; any other failure
   * rejects this and every later call, for what the disk holds is then unknown.
   */
  write(records: readonly CheckpointRecord[]): Promise<void>;
  /** After the last batch. */
  close(): Promise<void>;
}

interface CheckpointWriterOptions {
  readonly workDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** When a new file of the journal begins; smaller in tests. */
  readonly journalBytes?: number;
}

/** Between two tries on a full disk. */
const FULL_DISK_RETRY_MS = 1000;

/** One sync for a batch, however many files it changes: that of the journal. */
export function createCheckpointWriter(options: CheckpointWriterOptions): CheckpointWriter {
  const { clock, log } = options;
  const meta = metaPath(options.workDir);
  const growing = createGrowingFiles();
  const journal = createJournal(meta, log, options.journalBytes);
  let waiting: CheckpointRecord[] = [];
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let isClosed = false;

  async function writeNext(before: Promise<void>): Promise<void> {
    await before;
    const records = waiting;
    waiting = [];
    next = undefined;
    const journaled: JournaledRecord[] = [];
    for (const record of records) {
      if (record.kind === 'agent') await persistently(() => writeAgent(record));
      else if (record.kind === 'resources') {
        await persistently(() => commitResources(resourcesPath(meta), record));
      } else journaled.push(record);
    }
    await writeJournaled(journaled);
  }

  /** An operator may remove the link to the agent, and no journal shall bring it back. */
  async function writeAgent(record: Extract<CheckpointRecord, { kind: 'agent' }>): Promise<void> {
    for (const change of agentChanges(meta, record)) await applyDurably(change);
    for (const directory of [meta, options.workDir]) await syncDirectory(directory);
  }

  async function writeJournaled(records: readonly JournaledRecord[]): Promise<void> {
    if (records.length === 0) return;
    const changes = collapse(records.flatMap((record) => changesOf(meta, record)));
    const placed = await persistently(() => all(changes.map(place)));
    await persistently(() => all([journal.append(placed), ...placed.map(apply)]));
    for (const record of records) {
      if (record.kind === 'completed') await growing.closeBelow(runDirectory(meta, record.run));
    }
    await growing.closeSome();
  }

  async function place(change: FileChange): Promise<PlacedChange> {
    if (change.kind !== 'append') return change;
    return { ...change, at: await growing.place(change.path) };
  }

  function apply(change: PlacedChange): Promise<void> {
    if (change.kind !== 'append') return applyChange(change);
    return growing.write(change.path, change.bytes, change.at);
  }

  /** Everything in it may be done twice. */
  async function persistently<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        const result = await work();
        if (tries > 0) log.info('checkpoints are written again');
        return result;
      } catch (cause) {
        if (!isDiskFull(cause) || isClosed) throw cause;
        if (tries === 0) log.error('disk is full: checkpoints wait for room', { error: cause });
        await new Promise<void>((resolve) => clock.setTimer(FULL_DISK_RETRY_MS, resolve));
      }
    }
  }

  return {
    write(records) {
      waiting.push(...records);
      if (!next) {
        next = writeNext(last);
        last = next;
        last.catch(() => undefined);
      }
      return next;
    },
    async close() {
      isClosed = true;
      await last.catch(() => undefined);
      await growing.closeBelow('');
      await journal.close();
    },
  };
}

/** Rejects only when nothing is under way any more. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** One change for each file, in the order the files first came. */
function collapse(changes: readonly FileChange[]): readonly FileChange[] {
  const files = new Map<string, FileChange>();
  const growth = new Map<string, Uint8Array[]>();
  for (const change of changes) {
    files.set(change.path, change);
    if (change.kind !== 'append') continue;
    const parts = growth.get(change.path);
    if (parts) parts.push(change.bytes);
    else growth.set(change.path, [change.bytes]);
  }
  return [...files.values()].map((change) =>
    change.kind === 'append'
      ? { ...change, bytes: Buffer.concat(growth.get(change.path) ?? []) }
      : change,
  );
}

function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  }
  return false;
}
