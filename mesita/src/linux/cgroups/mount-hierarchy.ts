import { execFile } from 'node:child_process';
import { mkdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readHierarchies } from './hierarchies.ts';

const run = promisify(execFile);

/**
 * Mounts a version 1 controller in a directory of its name. It stays when this process ends, as all
 * hierarchies do. Throws what the kernel has against it.
 */
export async function mountHierarchy(base: string, controller: string): Promise<void> {
  const target = join(base, controller);
  await mkdir(target, { recursive: true });
  try {
    await run('mount', ['-t', 'cgroup', '-o', controller, 'cgroup', target]);
  } catch (error) {
    await rmdir(target).catch(() => {});
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error((stderr ?? message).trim().split('\n')[0], { cause: error });
  }
}

/** Where groups of a version 1 controller are made: it is mounted where nobody has done so. */
export async function findOrMountHierarchy(base: string, controller: string): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error('Using cgroups requires root permissions');
  const found = readHierarchies(base).find(controller);
  if (found !== undefined) return found;
  const target = join(base, controller);
  const kernel = await readFile('/proc/cgroups', 'utf8');
  const isKnown = kernel.split('\n').some((line) => line.split('\t')[0] === controller);
  const failed = `Failed to mount cgroups hierarchy at '${target}': `;
  if (!isKnown) throw new Error(`${failed}'${controller}' not found`);
  await mountHierarchy(base, controller).catch((cause: Error) => {
    throw new Error(failed + cause.message, { cause });
  });
  return target;
}
