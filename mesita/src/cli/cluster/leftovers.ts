import { readdir, readlink, rm } from 'node:fs/promises';
import process from 'node:process';

/**
 * Kills what still runs inside a directory that we made: containers outlive their agent by design,
 * and a cluster that was only tried out must leave nothing behind. Answers how many there were.
 */
export async function killLeftovers(directory: string): Promise<number> {
  let killed = 0;
  for (const pid of await processesIn(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
      killed += 1;
    } catch {
      // It ended by itself.
    }
  }
  return killed;
}

/** A supervisor whose container was just killed may still write how it ended, behind our back. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

async function processesIn(directory: string): Promise<readonly number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const inside = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return false;
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return cwd === directory || cwd.startsWith(`${directory}/`);
    }),
  );
  return pids.filter((_pid, index) => inside[index]);
}
