import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait.ts';

/** Is it mounted by nobody? Then it can be mounted alone, and cgroups v2 has it meanwhile. */
export function isFreeController(name: string): boolean {
  return new RegExp(`^${name}\\s+0\\s`, 'm').test(readFileSync('/proc/cgroups', 'utf8'));
}

/** Takes back what an isolator mounted in this process' own mount namespace. */
export async function unmountHierarchy(base: string, name: string): Promise<void> {
  // One whose groups are still going when it is unmounted stays, in use by nobody.
  const isEmpty = new RegExp(`^${name}\\s+\\d+\\s+1\\s`, 'm');
  await waitFor(`groups of ${name} to go`, () =>
    isEmpty.test(readFileSync('/proc/cgroups', 'utf8')),
  );
  execFileSync('umount', [join(base, name)]);
  // The directory itself is the machine's.
  rmdirSync(join(base, name));
}

/** Of a test's agent or containerizer. Fails when a container left anything in them. */
export function removeRootGroups(name: string): void {
  for (const hierarchy of ['.', ...readdirSync('/sys/fs/cgroup')]) {
    const group = join('/sys/fs/cgroup', hierarchy, name);
    if (existsSync(group)) rmdirSync(group);
  }
}
