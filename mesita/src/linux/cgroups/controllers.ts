import { dirname } from 'node:path';
import { readGroupFile, tryReadGroupFile, writeGroupFile } from './groups.ts';

/** Version 2: lets the groups below each of these have the controllers. */
export async function enableControllers(
  groups: readonly string[],
  controllers: readonly string[],
): Promise<void> {
  for (const group of groups) {
    const enabled = readGroupFile(group, 'cgroup.subtree_control').split(' ');
    const missing = controllers.filter((controller) => !enabled.includes(controller));
    if (missing.length === 0) continue;
    const words = missing.map((controller) => `+${controller}`).join(' ');
    await writeGroupFile(group, 'cgroup.subtree_control', words);
  }
}

/**
 * Version 1: where cpuset is mounted a new group has no CPU, and takes no process until it is given
 * its parent's.
 */
export async function inheritCpus(directory: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (tryReadGroupFile(directory, file) !== '') continue;
    await writeGroupFile(directory, file, readGroupFile(dirname(directory), file));
  }
}
