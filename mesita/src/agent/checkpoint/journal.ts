import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { syncFileSystem } from '../../linux/sync.ts';
import { syncDirectory } from '../../storage/checkpoint.ts';
import { applyChange, type PlacedChange, writeAt } from './files.ts';
import { decodeBatches, encodeBatch } from './journal-format.ts';
import { journalPath } from './paths.ts';

/**
 * What makes checkpoints outlive a power cut with one sync for many of them: every change is written
 * here before it counts, and the files themselves need no sync. After a reboot `replayJournal` does
 * the changes again. The files it is made of are numbered; an old one goes once the file system
 * holds all it tells of.
 */
interface Journal {
  /**
   * Resolves when the changes are on the disk. One call at a time, when the changes of earlier ones
   * have been made in the files; the same one again after an error.
   */
  append(changes: readonly PlacedChange[]): Promise<void>;
  close(): Promise<void>;
}

/** A reboot does no more than this again, and twice that while the file system is being synced. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Room is made in steps, so that most syncs need to write no more than the data. */
const ROOM_BYTES = 64 * 1024;

/** Opens with the first append. */
export function createJournal(meta: string, log: Logger, maxBytes = MAX_BYTES): Journal {
  const directory = journalPath(meta);
  let file: FileHandle | undefined;
  let number = 0;
  let length = 0;
  let room = 0;
  let tidying: Promise<void> | undefined;

  async function openNext(): Promise<FileHandle> {
    await mkdir(directory, { recursive: true });
    number = Math.max(number, ...(await numbersIn(directory))) + 1;
    const opened = await open(join(directory, String(number)), 'wx');
    for (const above of [directory, meta]) await syncDirectory(above);
    length = 0;
    room = 0;
    return opened;
  }

  /** What is older than the file that is written now has been done, and may go when that is durable. */
  async function removeOlder(): Promise<void> {
    const newest = number;
    try {
      await syncFileSystem(meta);
      for (const old of await numbersIn(directory)) {
        if (old < newest) await rm(join(directory, String(old)), { force: true });
      }
    } catch (error) {
      log.warn('the journal cannot be shortened; it grows', { error });
    }
  }

  async function startAnew(): Promise<void> {
    await file?.close();
    file = undefined;
    file = await openNext();
    tidying = removeOlder().finally(() => {
      tidying = undefined;
    });
  }

  return {
    async append(changes) {
      file ??= await openNext();
      if (length >= maxBytes && !tidying) await startAnew();
      const batch = encodeBatch(meta, changes);
      if (length + batch.length > room) {
        const step = Math.ceil(batch.length / ROOM_BYTES) * ROOM_BYTES;
        await writeAt(file, Buffer.alloc(step), room);
        room += step;
      }
      await writeAt(file, batch, length);
      await file.datasync();
      length += batch.length;
    },
    async close() {
      await tidying;
      await file?.close();
    },
  };
}

/** Makes all changes again that were written down. Before anything else reads the checkpoints. */
export async function replayJournal(meta: string): Promise<void> {
  const directory = journalPath(meta);
  for (const number of await numbersIn(directory)) {
    const journal = await readFile(join(directory, String(number)));
    for (const change of decodeBatches(meta, journal)) await applyChange(change);
  }
}

/** Oldest first. */
async function numbersIn(directory: string): Promise<readonly number[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
