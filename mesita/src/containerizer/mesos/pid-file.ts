import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The agent's own note of a forked pid. It decides after a crash whether the executor is waited
 * for, so it is on disk before anything of the user's runs.
 */
export async function writePidFile(path: string, pid: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(String(pid));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}
