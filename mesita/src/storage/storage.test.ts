import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createInMemoryStorage, type Memory } from './in-memory.ts';
import { openLocalStorage } from './local.ts';
import { storageSuite } from './testing/storage-suite.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mesita-storage-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const stores = {
  'in memory': {
    async create() {
      const memory: Memory = { epoch: 0, records: new Map() };
      return { isShared: true, open: async () => createInMemoryStorage(memory) };
    },
  },
  local: {
    async create() {
      const path = await mkdtemp(join(directory, 'local-'));
      return { isShared: false, open: () => openLocalStorage(path) };
    },
  },
};

describe.each(Object.entries(stores))('a store %s', (_, subject) => {
  test.each(storageSuite)('$name', ({ run }) => run(subject));
});
