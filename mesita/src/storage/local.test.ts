import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLocalStorage } from './local.ts';
import { META_KEY } from './local-format.ts';

let root: string;
let path: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mesita-local-'));
});
beforeEach(async () => {
  path = await mkdtemp(join(root, 'registry-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const value = (text: string) => Buffer.from(text);
const some = {
  epoch: 1,
  changes: new Map([
    ['agents/a', value('a')],
    ['agents/b', value('b')],
  ]),
};

async function fill(): Promise<void> {
  const storage = await openLocalStorage(path);
  await storage.commit(some);
  await storage.close();
}

async function edit(change: (database: ClassicLevel) => Promise<void>): Promise<void> {
  const database = new ClassicLevel(path);
  await change(database);
  await database.close();
}

/** What opening and reading says, without the directory's name. */
async function refusal(mustExist = false): Promise<unknown> {
  try {
    const storage = await openLocalStorage(path, { mustExist });
    await storage.load().finally(() => storage.close());
    return undefined;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message.replaceAll(root, '').replaceAll(/registry-\w+/g, 'x')];
  }
}

/** Everything in the database, of whatever format; the names of files where there is none. */
async function everything(): Promise<unknown> {
  const names = await readdir(path).catch((): string[] => []);
  if (!names.includes('CURRENT')) return names;
  let entries: [string, string][] = [];
  await edit(async (db) => {
    entries = await db.iterator().all();
  });
  return entries;
}

describe('what is not a registry that can be used is refused with one line, and stays as it is', () => {
  test.each<[string, () => Promise<void>]>([
    ['somebody else’s files', () => writeFile(join(path, 'notes.txt'), 'x')],
    ['somebody else’s database', () => edit((db) => db.put('song', 'la'))],
    [
      'a newer format',
      () => edit((db) => db.put(META_KEY, '{"format":"mesita registry","version":9}')),
    ],
    ['another format', () => edit((db) => db.put(META_KEY, '{"format":"mesita songs"}'))],
    ['no description', () => edit((db) => db.put(META_KEY, 'x'))],
    [
      'a lost file CURRENT',
      async () => {
        await fill();
        await rm(join(path, 'CURRENT'));
      },
    ],
    [
      'a lost record',
      async () => {
        await fill();
        await edit((db) => db.del('agents/a'));
      },
    ],
    [
      'a changed record',
      async () => {
        await fill();
        await edit((db) => db.put('agents/a', '12345'));
      },
    ],
    [
      'a directory that cannot be one',
      async () => {
        path = '/dev/null/registry';
      },
    ],
  ])('%s', async (_, damage) => {
    await damage();
    const before = await everything();
    expect(await refusal()).toMatchSnapshot();
    expect(await everything()).toEqual(before);
  });

  test('damage anywhere in its files is noticed, or costs nothing', async () => {
    await fill();
    await fill();
    const good = await mkdtemp(join(root, 'good-'));
    await cp(path, good, { recursive: true });
    const target = (await readdir(path)).find((name) => /\.(ldb|log)$/.test(name))!;
    const bytes = await readFile(join(path, target));
    for (let at = 0; at < bytes.length; at += 11) {
      await rm(path, { recursive: true });
      await cp(good, path, { recursive: true });
      const bad = Buffer.from(bytes);
      bad[at] = bad[at]! ^ 0x55;
      await writeFile(join(path, target), bad);
      const outcome = await refusal();
      if (outcome === undefined) expect(await contents()).toEqual(['agents/a=a', 'agents/b=b']);
      else expect((outcome as string[])[0]).toMatch(/damaged|foreign/);
    }
  });
});

async function contents(): Promise<readonly string[]> {
  const storage = await openLocalStorage(path);
  const { records } = await storage.load();
  await storage.close();
  return [...records].map(([key, bytes]) => `${key}=${Buffer.from(bytes)}`);
}

test('a directory without a registry is not made into one by whoever only looks', async () => {
  expect(await refusal(true)).toMatchSnapshot();
  await rm(path, { recursive: true });
  expect(await refusal(true)).toMatchSnapshot();
  await expect(readdir(path)).rejects.toThrow('ENOENT');
});

test('one process at a time', async () => {
  const storage = await openLocalStorage(path);
  expect(await refusal()).toMatchSnapshot();
  await storage.close();
  expect(await refusal()).toBeUndefined();
});

test('a registry that was one value is read, and replaced by the first commit', async () => {
  await edit((db) => db.put('registry', 'old'));
  const storage = await openLocalStorage(path);
  expect(await storage.load()).toEqual({
    epoch: 0,
    records: new Map([['registry', value('old')]]),
  });
  await storage.commit({
    epoch: 1,
    changes: new Map([
      ['agents/a', value('a')],
      ['registry', undefined],
    ]),
  });
  await storage.close();
  expect(await contents()).toEqual(['agents/a=a']);
});

test('a directory half made by a crash is no obstacle', async () => {
  await mkdir(path, { recursive: true });
  for (const name of ['LOCK', 'LOG', 'MANIFEST-000001', '000001.dbtmp'])
    await writeFile(join(path, name), '');
  expect(await refusal()).toBeUndefined();
});
