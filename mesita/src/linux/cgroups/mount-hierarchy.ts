import { execFile } from 'node:child_process';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

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
