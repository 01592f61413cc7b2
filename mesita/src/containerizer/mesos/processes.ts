import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStatSync } from '../../linux/proc.ts';

/** Pids wrap; with its start time a pid names one process. 0: it was gone when we looked. */
interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
}

export interface Processes {
  /** The process that became the user's, leader of its session. */
  readonly leader: ProcessIdentity;
  readonly supervisor: ProcessIdentity;
}

const file = 'processes';

export function identify(pid: number): ProcessIdentity {
  return { pid, startTime: readStatSync(pid)?.startTime ?? 0 };
}

/** Does it still run? A zombie counts. */
export function isSame({ pid, startTime }: ProcessIdentity): boolean {
  return pid > 1 && startTime > 0 && readStatSync(pid)?.startTime === startTime;
}

export function writeProcesses(directory: string, { leader, supervisor }: Processes): void {
  const numbers = [leader.pid, leader.startTime, supervisor.pid, supervisor.startTime];
  writeFileSync(join(directory, file), numbers.join(' '), { mode: 0o600 });
}

/** Without the file (the machine was restarted) nothing is known to be ours: start times are 0. */
export function readProcesses(directory: string, pid: number): Processes {
  const text = readText(join(directory, file));
  const [leader, leaderStart = 0, supervisor, supervisorStart = 0] = text.split(' ').map(Number);
  if (!leader || !supervisor) {
    return { leader: { pid, startTime: 0 }, supervisor: { pid: 0, startTime: 0 } };
  }
  return {
    leader: { pid: leader, startTime: leaderStart },
    supervisor: { pid: supervisor, startTime: supervisorStart },
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
