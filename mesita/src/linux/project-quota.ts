import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findMountOf, readMounts } from './mount-table.ts';

// Project quotas of XFS, by the system's own tools: `xfs_quota` (xfsprogs), `chattr` and `lsattr`
// (e2fsprogs). Every directory of a project has its number, and hands it on to what is made in it.

const run = promisify(execFile);

/** In bytes. */
interface ProjectQuota {
  readonly used: number;
  readonly soft: number;
  readonly hard: number;
}

/** Where a path's file system is mounted. Throws when that keeps no project quotas. */
export async function findQuotaMount(path: string): Promise<string> {
  const real = await realpath(path);
  const mount = findMountOf(await readMounts(), real);
  if (mount.type !== 'xfs') throw new Error(`'${path}' is not an XFS filesystem`);
  if (mount.features.some((each) => each === 'prjquota' || each === 'pquota')) return mount.target;
  throw new Error(`XFS project quotas are not enabled on '${path}'`);
}

const batch = 200;

/** Of many directories at once: 0 is no project. Directories that are gone are left out. */
export async function readProjectIds(paths: readonly string[]): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (let start = 0; start < paths.length; start += batch) {
    const some = paths.slice(start, start + batch);
    // It complains about those that are gone, and goes on.
    const { stdout } = await run('lsattr', ['-p', '-d', '--', ...some]).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
    );
    for (const line of stdout.split('\n')) {
      const [, id, path] = /^\s*(\d+) \S+ (.*)$/.exec(line) ?? [];
      if (path !== undefined) ids.set(path, Number(id));
    }
  }
  return ids;
}

/** The directory, all in it, and all that is made in it later. */
export async function assignProject(path: string, id: number): Promise<void> {
  // Of links and FIFOs it complains, because these belong to no project.
  const complaint = await run('chattr', ['-R', '-f', '-p', String(id), '+P', '--', path]).then(
    () => '',
    (error: Error) => error.message,
  );
  if ((await readProjectIds([path])).get(path) === id) return;
  throw new Error(`Failed to assign project ${id}: ${complaint}`);
}

/** Zeros: no limit. Rounded up to kilobytes. */
export async function setProjectLimits(
  mount: string,
  id: number,
  limits: { readonly soft: number; readonly hard: number },
): Promise<void> {
  const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1024)}k`;
  const command = `limit -p bsoft=${kilobytes(limits.soft)} bhard=${kilobytes(limits.hard)} ${id}`;
  await run('xfs_quota', ['-x', '-c', command, mount]);
}

/** Of all projects of a file system. */
export async function readProjectQuotas(mount: string): Promise<Map<number, ProjectQuota>> {
  const { stdout } = await run('xfs_quota', ['-x', '-c', 'report -p -b -n -N', mount], {
    maxBuffer: 64 << 20,
  });
  return parseReport(stdout);
}

/** `#5000  used soft hard …`, in blocks of a kilobyte. */
export function parseReport(text: string): Map<number, ProjectQuota> {
  const rows = text.matchAll(/^#(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/gm);
  return new Map(
    [...rows].map(([, id, ...blocks]) => {
      const [used = 0, soft = 0, hard = 0] = blocks.map((each) => Number(each) * 1024);
      return [Number(id), { used, soft, hard }];
    }),
  );
}
