import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessStat, readAllStats, selectTree } from './proc.ts';

/**
 * Ends what is left of a session when its supervisor cannot: everything below the leader, in its
 * session or in its group. Stops all first, so that none can fork its way out.
 */
export async function killSession(leader: { pid: number; startTime: number }): Promise<void> {
  if (leader.pid <= 1 || leader.startTime === 0) return;
  for (let round = 0; round < 200; round++) {
    const members = findMembers(leader);
    if (members.length === 0) return;
    for (const { pid } of members) signal(pid, 'SIGSTOP');
    for (const { pid } of findMembers(leader)) signal(pid, 'SIGKILL');
    await sleep(5);
  }
  throw new Error(`Processes of session ${leader.pid} do not end`);
}

function findMembers(leader: { pid: number; startTime: number }): ProcessStat[] {
  const all = readAllStats();
  const holder = all.find(({ pid }) => pid === leader.pid);
  // The kernel gives a number away again only when no session and no group carries it.
  if (holder && holder.startTime !== leader.startTime) return [];
  return selectTree(all, [leader.pid]).filter(({ state, pid }) => state !== 'Z' && pid > 1);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, or not ours to end: the next round tells.
  }
}
