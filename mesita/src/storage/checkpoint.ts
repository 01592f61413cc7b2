import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
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
