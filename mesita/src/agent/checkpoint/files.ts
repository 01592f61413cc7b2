import { constants, write } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory, writeCheckpoint } from '../../storage/checkpoint.ts';

/** What one record does to the disk. A file is either replaced or appended to, never both. */
export type FileChange =
  | { readonly kind: 'replace'; readonly path: string; readonly bytes: string | Uint8Array }
  | { readonly kind: 'append'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'remove'; readonly path: string };

/** One that can be made again: of an append it is known where it begins. */
export type PlacedChange =
  | Exclude<FileChange, { readonly kind: 'append' }>
  | (Extract<FileChange, { readonly kind: 'append' }> & { readonly at: number });

/**
 * Makes a change: readers, and an agent that is killed meanwhile, see the old file or the new one.
 * Nothing is synced; that is the journal's part.
 */
export async function applyChange(change: PlacedChange): Promise<void> {
  try {
    await apply(change);
  } catch (cause) {
    throw new Error(`cannot write checkpoint '${change.path}'`, { cause });
  }
}

async function apply(change: PlacedChange): Promise<void> {
  switch (change.kind) {
    case 'replace':
      return replace(change.path, change.bytes);
    case 'directory':
      return void (await mkdir(change.path, { recursive: true }));
    case 'remove':
      return rm(change.path, { force: true });
    case 'link':
      return replaceLink(change.path, change.target);
    case 'append': {
      const file = await openToAppend(change.path);
      try {
        await writeAt(file, change.bytes, change.at);
      } finally {
        await file.close();
      }
    }
  }
}

/** Makes a change that no journal tells of: it is durable by itself. */
export async function applyDurably(change: PlacedChange): Promise<void> {
  if (change.kind === 'replace') {
    return writeCheckpoint(change.path, change.bytes, { durableName: true });
  }
  await applyChange(change);
  await syncDirectory(dirname(change.path));
}

async function replace(path: string, bytes: string | Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  await inDirectory(path, () => writeFile(temporary, bytes));
  await rename(temporary, path);
}

/** Points a link elsewhere in one step: whoever reads it finds the old or the new target. */
export async function replaceLink(path: string, target: string): Promise<void> {
  const temporary = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, path);
}

/** Growing files by path, the most recently used ones open. */
interface GrowingFiles {
  /** Where the next append to this file begins. */
  place(path: string): number | Promise<number>;
  /** What was placed. The same one may come again after an error. */
  write(path: string, bytes: Uint8Array, at: number): Promise<void>;
  /** Between batches: those unused for longest, when too many are open. */
  closeSome(): Promise<void>;
  closeBelow(directory: string): Promise<void>;
}

const MAX_OPEN_FILES = 1024;

export function createGrowingFiles(): GrowingFiles {
  const open = new Map<string, { readonly file: FileHandle; length: number }>();

  async function placeInUnopened(path: string): Promise<number> {
    const file = await openToAppend(path);
    const { size } = await file.stat();
    open.set(path, { file, length: size });
    return size;
  }

  async function closeFile(path: string): Promise<void> {
    const known = open.get(path);
    open.delete(path);
    await known?.file.close();
  }

  return {
    place(path) {
      const known = open.get(path);
      if (!known) return placeInUnopened(path);
      // To the end of the map: the first one is the one unused for longest.
      open.delete(path);
      open.set(path, known);
      return known.length;
    },
    async write(path, bytes, at) {
      const known = open.get(path)!;
      await writeAt(known.file, bytes, at);
      known.length = at + bytes.length;
    },
    async closeSome() {
      for (const path of open.keys()) {
        if (open.size <= MAX_OPEN_FILES) return;
        await closeFile(path);
      }
    },
    async closeBelow(directory) {
      for (const path of [...open.keys()]) {
        if (path.startsWith(directory)) await closeFile(path);
      }
    },
  };
}

function openToAppend(path: string): Promise<FileHandle> {
  return inDirectory(path, () => open(path, constants.O_WRONLY | constants.O_CREAT, 0o644));
}

/** Mostly the directory is there. */
async function inDirectory<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return work();
  }
}

/** One write may take less than it was given. */
export async function writeAt(
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += await writeSome(file.fd, bytes.subarray(at), position + at);
  }
}

/** As the handle's own `write` does, for a third of its cost. */
function writeSome(fd: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, position, (error, written) =>
      error ? reject(error) : resolve(written),
    );
  });
}
