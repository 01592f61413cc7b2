import { execFile, type StdioOptions, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, realpath, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Owner, openInside } from './inside.ts';
import { findMountOf, isWithin, type Mount, readMounts } from './mount-table.ts';

// Mounts on the host, by the system's own tools. Those for containers alone are the launcher's
// work; this is rare, so a process for each does not matter.

const run = promisify(execFile);

/** `mount` or `umount` on open directories, which nobody can exchange for others meanwhile. */
async function runOn(
  tool: 'mount' | 'umount',
  options: readonly string[],
  directories: readonly FileHandle[],
): Promise<void> {
  const names = directories.map((_, place) => `/proc/self/fd/${place + 3}`);
  const stdio: StdioOptions = ['ignore', 'ignore', 'pipe', ...directories.map(({ fd }) => fd)];
  const child = spawn(tool, ['--no-canonicalize', ...options, ...names], { stdio });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text.slice(0, 1000);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (status !== 0) throw new Error(complaint.trim().split('\n')[0] || `${tool} failed`);
}

/**
 * Mounts a directory at a path in one that users own, walked without following a link. The path is
 * made where it is missing.
 */
export async function bindInside(
  root: string,
  path: string,
  source: string,
  owner: Owner,
): Promise<void> {
  const from = await open(source, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await within(root, path.split('/').filter(Boolean), owner, (to) =>
      runOn('mount', ['--bind'], [from, to]),
    );
  } finally {
    await from.close();
  }
}

/**
 * A mount takes flags only the second time, and then its copies in other namespaces do not. So what
 * is to be read only is mounted beside first; whatever is bound from there is so from the beginning.
 */
export async function withReadOnly(
  source: string,
  beside: string,
  work: (source: string) => Promise<void>,
): Promise<void> {
  const place = await mkdtemp(join(beside, 'read-only-'));
  try {
    await run('mount', ['--bind', source, place]);
    try {
      await run('mount', ['-o', 'remount,bind,ro', place]);
      await work(place);
    } finally {
      await run('umount', ['--lazy', place]);
    }
  } finally {
    await rmdir(place);
  }
}

/** What still uses the mount keeps it; at the path it is gone at once. */
export async function unmountInside(root: string, path: string): Promise<void> {
  await within(root, path.split('/').filter(Boolean), undefined, (at) =>
    runOn('umount', ['--lazy'], [at]),
  );
}

async function within(
  root: string,
  segments: readonly string[],
  owner: Owner | undefined,
  work: (directory: FileHandle) => Promise<void>,
): Promise<void> {
  const directory = await openInside(root, segments, owner);
  try {
    await work(directory);
  } finally {
    await directory.close();
  }
}

/** A file system in memory at a path of the agent's own. */
export async function mountTmpfs(path: string, options: string): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
}

/** At a path of the agent's own; true when something was mounted there. */
export async function unmount(path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return false;
  if (!(await readMounts()).some(({ target }) => target === real)) return false;
  await run('umount', ['--lazy', real]);
  return true;
}

/**
 * Makes a directory a mount that tells its copies in containers' namespaces what is mounted and
 * unmounted below it, and nobody above. It stays when the agent ends; done again it changes nothing.
 */
export async function shareMount(path: string): Promise<void> {
  const real = await realpath(path);
  const mounts = await readMounts();
  const holder = findMountOf(mounts, real);
  if (isSharedAlone(mounts, holder, real)) return;
  if (holder.target !== real) await run('mount', ['--bind', real, real]);
  await run('mount', ['--make-private', real]);
  await run('mount', ['--make-shared', real]);
}

function isSharedAlone(mounts: readonly Mount[], holder: Mount, path: string): boolean {
  if (holder.peers === undefined) return false;
  return !mounts.some(
    ({ id, peers, target }) => id !== holder.id && peers === holder.peers && isWithin(path, target),
  );
}
