import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const sandboxes = ['slaves', '*', 'frameworks', '*', 'executors', '*', 'runs', '*'];
const volumes = ['volumes', 'roles', '*', '*'];

/**
 * Every directory of an agent that may belong to a project: sandboxes of ended containers, too,
 * until they are removed.
 */
export async function listProjectDirectories(workDir: string): Promise<string[]> {
  return [...(await expand(workDir, sandboxes)), ...(await expand(workDir, volumes))];
}

/** Directories only: `latest` is a link. */
async function expand(base: string, pattern: readonly string[]): Promise<string[]> {
  const [first, ...rest] = pattern;
  if (first === undefined) return [base];
  if (first !== '*') return expand(join(base, first), rest);
  const entries = await readdir(base, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory());
  return (await Promise.all(below.map(({ name }) => expand(join(base, name), rest)))).flat();
}
