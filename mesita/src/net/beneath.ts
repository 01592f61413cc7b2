import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';

type Beneath = { readonly path: string } | 'missing' | 'outside';

/** Resolves `path` below the canonical `root`, symbolic links included. */
export async function resolveBeneath(root: string, path: string): Promise<Beneath> {
  // `join` would fold `x/..` away although x may be a link, or not exist.
  const wanted = path === '' ? root : `${root}/${path}`;
  try {
    const resolved = await realpath(wanted);
    return isBeneath(root, resolved) ? { path: resolved } : 'outside';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    throw error;
  }
}

function isBeneath(root: string, path: string): boolean {
  return path === root || path.startsWith(root === '/' ? root : `${root}/`);
}

/**
 * Opens a resolved file to read. Who owns the directory may have swapped a part of the path for a
 * link since: what was opened is looked at once more. Never waits for a FIFO's writer.
 */
export async function openBeneath(root: string, path: string): Promise<FileHandle | 'outside'> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const opened = await readlink(join('/proc/self/fd', String(file.fd)));
    if (isBeneath(root, opened)) return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return 'outside';
}
