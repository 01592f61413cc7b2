import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockWorkDir } from './work-dir.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mesita-work-dir-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a work directory is made, and taken by one agent at a time', async () => {
  const workDir = join(root, 'deep', 'work');
  const lock = await lockWorkDir(workDir);
  await expect(lockWorkDir(workDir)).rejects.toThrow(/Another agent \(process \d+\) is running/);
  await lock.release();
  await (await lockWorkDir(workDir)).release();
  expect(await readdir(workDir)).toEqual([]);
});

test('the lock of a process that died, or whose pid is another one now, is taken over', async () => {
  for (const stale of ['999999999 12', `${process.pid} 1`, 'noise', '']) {
    await writeFile(join(root, 'agent.lock'), stale);
    await (await lockWorkDir(root)).release();
  }
});

test('a work directory that cannot be used says why', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  await expect(lockWorkDir(file)).rejects.toThrow(/work directory '.*file'/);
  if (process.getuid?.() !== 0) return;
  const theirs = join(root, 'theirs');
  await (await lockWorkDir(theirs)).release();
  await chown(theirs, 12345, 12345);
  await chmod(theirs, 0o700);
  // Root may take what others left.
  await (await lockWorkDir(theirs)).release();
});
