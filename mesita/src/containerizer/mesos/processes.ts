import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStat } from '../../linux/proc.ts';

/** Pids wrap; with its start time a pid names one process. 0: it was gone when we looked. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
}

export interface Processes {
  /** The process that became the user's, leader of its session. */
  readonly leader: ProcessIdentity;
  readonly supervisor: ProcessIdentity;
}

const file = 'processes';

export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, startTime: (await readStat(pid))?.startTime ?? 0 };
}

/** Does it still run? A zombie counts. */
export async function isSame({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  return pid > 1 && startTime > 0 && (await readStat(pid))?.startTime === startTime;
}

export async function writeProcesses(
  directory: string,
  { leader, supervisor }: Processes,
): Promise<void> {
  const numbers = [leader.pid, leader.startTime, supervisor.pid, supervisor.startTime];
  await writeFile(join(directory, file), numbers.join(' '), { mode: 0o600 });
}

/** Without the file (the machine was restarted) nothing is known to be ours: start times are 0. */
export async function readProcesses(directory: string, pid: number): Promise<Processes> {
  const text = await readFile(join(directory, file), 'utf8').catch(() => '');
  const [leader, leaderStart = 0, supervisor, supervisorStart = 0] = text.split(' ').map(Number);
  if (!leader || !supervisor) {
    return { leader: { pid, startTime: 0 }, supervisor: { pid: 0, startTime: 0 } };
  }
  return {
    leader: { pid: leader, startTime: leaderStart },
    supervisor: { pid: supervisor, startTime: supervisorStart },
  };
}
