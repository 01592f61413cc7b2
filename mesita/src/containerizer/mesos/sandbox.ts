import { lchown, lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { User } from '../../linux/users.ts';

/**
 * Makes `<root sandbox>/containers/<id>…` one level at a time. The user owns the sandbox and may
 * have put a link where a directory should be: refused, so that nothing is made outside.
 */
export async function createNestedSandbox(
  path: string,
  depth: number,
  user: User | undefined,
): Promise<void> {
  for (const directory of levels(path, depth)) {
    const isNew = await mkdir(directory, { mode: 0o755 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        return false;
      },
    );
    if (!(await lstat(directory)).isDirectory()) {
      throw new Error(`Failed to create nested sandbox: '${directory}' is not a directory`);
    }
    if (isNew && user) await lchown(directory, user.uid, user.gid);
  }
}

/** The directories below the root's sandbox: `containers` and the id for each level of nesting. */
function levels(path: string, depth: number): string[] {
  const chain = [path];
  while (chain.length < 2 * depth) chain.unshift(dirname(chain[0] ?? path));
  return chain;
}
