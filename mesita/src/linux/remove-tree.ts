import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isWithin, readMounts } from './mount-table.ts';

const directoryOnly = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Open directories are held on the way down: deeper ones are moved up first. */
const MAX_DEPTH = 64;

/**
 * Removes a directory with all that is in it; none there is fine. Whoever owns what is in it may
 * change it meanwhile: links are removed, never followed. Rejects, with nothing removed, while
 * something is mounted in it: what lies there belongs to somebody else.
 */
export async function removeTree(path: string): Promise<void> {
  await refuseMounts(path);
  const parent = await openDirectory(dirname(path));
  if (!parent) return;
  try {
    await removeDirectory(parent, basename(path));
  } finally {
    await parent.close();
  }
}

/** The same below `root`, where a link may stand in the place of any directory on the way. */
export async function removeTreeInside(root: string, path: string): Promise<void> {
  const segments = path.split('/').filter(Boolean);
  await refuseMounts(join(root, ...segments));
  const name = segments.pop();
  if (name === undefined) return;
  let parent = await openDirectory(root);
  for (const segment of segments) {
    const above = parent;
    parent = above && (await openDirectory(inside(above, segment)));
    await above?.close();
  }
  if (!parent) return;
  try {
    await removeDirectory(parent, name);
  } finally {
    await parent.close();
  }
}

async function refuseMounts(path: string): Promise<void> {
  const mounted = (await readMounts()).find(({ target }) => isWithin(target, path));
  if (mounted) throw new Error(`something is mounted on '${mounted.target}'`);
}

async function removeDirectory(parent: FileHandle, name: string): Promise<void> {
  const top = await openDirectory(inside(parent, name));
  if (!top) return;
  try {
    let isLeft = true;
    const moveUp = (from: string) => {
      isLeft = true;
      return rename(from, inside(top, randomUUID()));
    };
    while (isLeft) {
      isLeft = false;
      await empty(top, 1, moveUp);
    }
  } finally {
    await top.close();
  }
  await rmdir(inside(parent, name));
}

async function empty(
  directory: FileHandle,
  depth: number,
  moveUp: (from: string) => Promise<void>,
): Promise<void> {
  // Tools leave directories that not even their owner may write to.
  await directory.chmod(0o700).catch(() => undefined);
  for (const entry of await readdir(inside(directory), { withFileTypes: true })) {
    const place = inside(directory, entry.name);
    const child = entry.isDirectory() ? await openDirectory(place) : undefined;
    if (!child) {
      await unlink(place).catch(ignoreMissing);
      continue;
    }
    try {
      if (depth === MAX_DEPTH) await moveUp(place);
      else await empty(child, depth + 1, moveUp);
    } finally {
      await child.close();
    }
    if (depth < MAX_DEPTH) await rmdir(place).catch(ignoreMissing);
  }
}

/** Undefined where there is none, or a link stands in its place. */
async function openDirectory(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, directoryOnly);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return undefined;
    }
    throw error;
  }
}

/** The kernel's name for what is open, whatever became of its path. */
function inside(directory: FileHandle, name = '.'): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
