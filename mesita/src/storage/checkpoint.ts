import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

interface CheckpointOptions {
  /** Makes the file's name durable too, not only its bytes. Mesos does not by default. */
  readonly durableName?: boolean;
  readonly mode?: number;
}

/**
 * Replaces the file as a whole: readers and a crash see the old bytes or the new ones. Missing
 * directories are made.
 */
export async function writeCheckpoint(
  path: string,
  bytes: string | Uint8Array,
  { durableName = false, mode = 0o644 }: CheckpointOptions = {},
): Promise<void> {
  const directory = dirname(path);
  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(directory, { recursive: true });
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (durableName) await syncDirectory(directory);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new Error(`cannot write checkpoint '${path}'`, { cause });
  }
}

/** Makes the names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The bytes of a checkpoint, or undefined when there is none. */
export async function readCheckpoint(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`cannot read checkpoint '${path}'`, { cause });
  }
}

export interface Appender {
  /** Resolves when `bytes` are on the disk. Those that wait together share one sync. */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

interface AppenderOptions {
  /** Cuts the file first: to what `parseRecords` found whole, after a crash in the middle of one. */
  readonly truncateTo?: number;
  readonly mode?: number;
}

/**
 * Opens a file to append to, made with its directories when missing. After a failed write or sync
 * nobody knows what the file holds, so every later append fails as well.
 */
export async function openAppender(
  path: string,
  { truncateTo, mode = 0o644 }: AppenderOptions = {},
): Promise<Appender> {
  let file: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    file = await open(path, 'a', mode);
    if (truncateTo !== undefined) await file.truncate(truncateTo);
  } catch (cause) {
    throw new Error(`cannot append to '${path}'`, { cause });
  }
  let waiting: Uint8Array[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function write(before: Promise<void>): Promise<void> {
    let batch: readonly Uint8Array[] = [];
    try {
      await before;
    } finally {
      batch = waiting;
      waiting = [];
      next = undefined;
    }
    try {
      await writeAll(file, batch);
      await file.datasync();
    } catch (cause) {
      throw new Error(`cannot append to '${path}'`, { cause });
    }
  }

  return {
    append(bytes) {
      waiting.push(bytes);
      if (!next) {
        next = write(writing);
        writing = next;
        // The one who appended hears of the failure; the chain needs no second hearing.
        writing.catch(() => undefined);
      }
      return next;
    },
    async close() {
      await writing.catch(() => undefined);
      await file.close();
    },
  };
}

/** One write may take less than it was given. */
async function writeAll(file: FileHandle, batch: readonly Uint8Array[]): Promise<void> {
  const bytes = batch.length === 1 ? batch[0]! : Buffer.concat(batch);
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}
