import { constants } from 'node:fs';
import { access, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { readStat } from '../../linux/proc.ts';

export interface WorkDirLock {
  release(): Promise<void>;
}

/**
 * Takes a work directory for this process. Throws when another agent runs on it, or when it is not
 * ours to write. The lock names a process by pid and start time, so that none outlives its holder.
 */
export async function lockWorkDir(workDir: string): Promise<WorkDirLock> {
  await ensureOwn(workDir);
  const path = `${workDir}/agent.lock`;
  const own = (await describeProcess(process.pid)) ?? `${process.pid} ?`;
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, own);
  try {
    await take(workDir, path, temporary);
  } finally {
    await rm(temporary, { force: true });
  }
  return {
    async release() {
      if ((await read(path)) === own) await rm(path, { force: true });
    },
  };
}

async function take(workDir: string, path: string, temporary: string): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    if (await linkIfFree(temporary, path)) return;
    const holder = await read(path);
    if (holder === undefined) continue;
    const [pid = ''] = holder.split(' ');
    if ((await describeProcess(Number(pid))) === holder) {
      throw new Error(
        `Another agent (process ${pid}) is running on the work directory '${workDir}'`,
      );
    }
    await discard(path, holder);
  }
  throw new Error(`Failed to lock the work directory '${workDir}'`);
}

/** Removes a dead holder's lock, and no other: somebody may have been faster. */
async function discard(path: string, holder: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await read(aside)) !== holder) await linkIfFree(aside, path);
  await rm(aside, { force: true });
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function describeProcess(pid: number): Promise<string | undefined> {
  const found = Number.isInteger(pid) ? await readStat(pid) : undefined;
  return found && found.state !== 'Z' ? `${pid} ${found.startTime}` : undefined;
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function ensureOwn(workDir: string): Promise<void> {
  try {
    await mkdir(workDir, { recursive: true });
    await access(workDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`Failed to use the work directory '${workDir}': ${(error as Error).message}`, {
      cause: error,
    });
  }
  const { uid } = await stat(workDir);
  const own = process.getuid?.() ?? uid;
  // Root may take over what another user left; the other way round tasks would lose their files.
  if (own !== 0 && uid !== own) {
    throw new Error(
      `The work directory '${workDir}' belongs to another user (uid ${uid}, not ${own})`,
    );
  }
}
