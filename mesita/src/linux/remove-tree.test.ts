import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeTree } from './remove-tree.ts';

let folder: string;
let sandbox: string;
let elsewhere: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesita-remove-'));
  sandbox = join(folder, 'sandbox');
  elsewhere = join(folder, 'elsewhere');
  await mkdir(join(sandbox, 'deep/er'), { recursive: true });
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'kept'), 'x');
  await writeFile(join(sandbox, 'deep/er/file'), 'x');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('removes links and follows none', async () => {
  await symlink(elsewhere, join(sandbox, 'out'));
  await symlink(join(elsewhere, 'kept'), join(sandbox, 'deep/out'));
  await symlink('nowhere', join(sandbox, 'broken'));
  await removeTree(sandbox);
  expect(readdirSync(folder)).toEqual(['elsewhere']);
  expect(readdirSync(elsewhere)).toEqual(['kept']);
});

test('what is swapped for a link meanwhile leads nowhere', async () => {
  const place = join(sandbox, 'deep');
  const link = join(folder, 'link');
  await symlink(elsewhere, link);
  let isDone = false;
  const swapping = (async () => {
    while (!isDone) {
      await rename(place, join(folder, 'aside')).catch(() => undefined);
      await rename(link, place).catch(() => undefined);
      await rename(place, link).catch(() => undefined);
      await rename(join(folder, 'aside'), place).catch(() => undefined);
    }
  })();
  for (let round = 0; round < 50; round++) {
    await removeTree(sandbox).catch(() => undefined);
    await mkdir(join(sandbox, 'deep/er'), { recursive: true }).catch(() => undefined);
  }
  isDone = true;
  await swapping;
  expect(existsSync(join(elsewhere, 'kept'))).toBe(true);
});

test('any depth, with few open directories', async () => {
  let at = sandbox;
  for (let depth = 0; depth < 300; depth++) {
    at = join(at, 'd');
    await mkdir(at);
  }
  await removeTree(sandbox);
  expect(existsSync(sandbox)).toBe(false);
});

test('directories without permissions to write', async () => {
  await chmod(join(sandbox, 'deep/er'), 0o555);
  await removeTree(sandbox);
  expect(existsSync(sandbox)).toBe(false);
});

test('what is not there is removed already', async () => {
  await removeTree(join(folder, 'nothing'));
  await removeTree(join(folder, 'no/thing'));
});

test('a mount is left alone, with all around it', async () => {
  await expect(removeTree('/')).rejects.toThrow("something is mounted on '/");
  await expect(removeTree('/proc')).rejects.toThrow("something is mounted on '/proc");
});
