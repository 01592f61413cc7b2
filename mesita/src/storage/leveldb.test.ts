import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Registry } from '../wire/types/registry.ts';
import { openLevelDbStore } from './leveldb.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mesita-storage-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('LevelDB store', () => {
  const withWeight = (weight: number): Registry => ({
    weights: [{ info: { role: 'a', weight } }],
  });

  test('overlapping saves end with the last, and survive a reopening', async () => {
    const path = join(directory, 'registry');
    const store = await openLevelDbStore(path);
    expect(await store.load()).toBeUndefined();
    await Promise.all(Array.from({ length: 50 }, (_, index) => store.save(withWeight(index))));
    await store.save(withWeight(50));
    await store.close();
    const reopened = await openLevelDbStore(path);
    expect((await reopened.load())?.weights?.[0]?.info.weight).toBe(50);
    await reopened.close();
  });

  test('a store in use, and one that is no store, say so', async () => {
    const path = join(directory, 'locked');
    const store = await openLevelDbStore(path);
    await expect(openLevelDbStore(path)).rejects.toThrow(/is in use by another process$/);
    await store.close();
    const file = join(directory, 'file');
    await writeFile(file, 'x');
    await expect(openLevelDbStore(file)).rejects.toThrow(/^cannot open the registry/);
  });
});
