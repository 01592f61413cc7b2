import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readlink, symlink, unlink } from 'node:fs/promises';

// Users own their sandboxes and may swap a directory for a link at any moment. So paths in there
// are walked one open directory at a time; the kernel's /proc/self/fd names what is open.

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const directoryOnly = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Opens `segments` below `root` without following a link; makes, and gives away, what is missing. */
export async function openInside(
  root: string,
  segments: readonly string[],
  owner?: Owner,
): Promise<FileHandle> {
  let current = await open(root, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const segment of segments) {
    const parent = current;
    try {
      current = await openChild(parent, segment, owner);
    } finally {
      await parent.close();
    }
  }
  return current;
}

async function openChild(
  parent: FileHandle,
  name: string,
  owner: Owner | undefined,
): Promise<FileHandle> {
  if (name === '' || name === '.' || name === '..' || name.includes('/')) {
    throw new Error(`'${name}' is no name of a directory`);
  }
  const path = `/proc/self/fd/${parent.fd}/${name}`;
  const isNew = await mkdir(path, 0o755).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return false;
    },
  );
  const child = await open(path, directoryOnly);
  if (isNew && owner) await child.chown(owner.uid, owner.gid);
  return child;
}

/** Makes the directories that are missing. Fails where something else stands in the way. */
export async function makeDirectoryInside(
  root: string,
  path: string,
  owner?: Owner,
): Promise<void> {
  const directory = await openInside(root, path.split('/').filter(Boolean), owner);
  await directory.close();
}

/** Makes a link at a path below `root`. It may be there already with the same target. */
export async function linkInside(root: string, path: string, target: string): Promise<void> {
  await inParent(root, path, async (place) => {
    const there = await lstat(place).catch(() => undefined);
    if (there?.isSymbolicLink() && (await readlink(place)) === target) return;
    if (there) throw new Error(`'${path}' exists already in the sandbox`);
    await symlink(target, place);
  });
}

/** Removes a link, and nothing that is not one. */
export async function unlinkInside(root: string, path: string): Promise<void> {
  await inParent(root, path, async (place) => {
    if ((await lstat(place)).isSymbolicLink()) await unlink(place);
  });
}

async function inParent(
  root: string,
  path: string,
  work: (place: string) => Promise<void>,
): Promise<void> {
  const segments = path.split('/').filter(Boolean);
  const name = segments.pop() ?? '';
  const directory = await openInside(root, segments);
  try {
    await work(`/proc/self/fd/${directory.fd}/${name}`);
  } finally {
    await directory.close();
  }
}
