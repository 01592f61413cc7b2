import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupsBelow, readProcesses, tryReadGroupFile, writeGroupFile } from './groups.ts';

/**
 * Kills every process in a group and below it, and resolves when none is left. Nothing can fork its
 * way out: a frozen group cannot, and `cgroup.kill` is one step of the kernel's.
 */
export async function killGroups(path: string, deadlineMs: number): Promise<void> {
  for (let pause = 1; (await allProcesses(path)).length > 0; pause = Math.min(2 * pause, 50)) {
    if (Date.now() > deadlineMs) {
      throw new Error(`Timed out killing the processes of cgroup '${path}'`);
    }
    if (existsSync(join(path, 'cgroup.kill'))) await writeGroupFile(path, 'cgroup.kill', '1');
    else await killFrozen(path, deadlineMs);
    await sleep(pause);
  }
}

async function allProcesses(path: string): Promise<number[]> {
  return (await Promise.all(groupsBelow(path).map(readProcesses))).flat();
}

/** A frozen process dies when it thaws. */
async function killFrozen(path: string, deadlineMs: number): Promise<void> {
  await writeGroupFile(path, 'freezer.state', 'FROZEN');
  try {
    for (let pause = 1; tryReadGroupFile(path, 'freezer.state') === 'FREEZING'; pause += pause) {
      // What is stuck in the kernel may never freeze, and can be killed all the same.
      if (Date.now() + pause > deadlineMs || pause > 500) break;
      await sleep(pause);
    }
    for (const pid of await allProcesses(path)) sigkill(pid);
  } finally {
    await writeGroupFile(path, 'freezer.state', 'THAWED');
  }
}

function sigkill(pid: number): void {
  // 0 stands for a process that this pid namespace does not show, and would be our own group.
  if (pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
