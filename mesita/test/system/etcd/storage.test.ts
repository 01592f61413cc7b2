// The store in etcd keeps the contract of every store.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEtcdStorage } from '../../../src/storage/etcd.ts';
import { storageSuite } from '../../../src/storage/testing/storage-suite.ts';
import { readElectionUrl } from '../../../src/wire/election-url.ts';
import { hasEtcd, startEtcd } from '../../harness/etcd.ts';
import type { Ensemble } from '../../harness/server-process.ts';

describe.skipIf(!hasEtcd())('a registry in etcd', () => {
  let ensemble: Ensemble;
  let count = 0;
  beforeAll(async () => {
    ensemble = await startEtcd();
  });
  afterAll(() => ensemble?.stop());

  const openAt = (path: string) =>
    openEtcdStorage(readElectionUrl(`etcd://${ensemble.hosts}${path}`));

  test.each(storageSuite)('$name', ({ run }) =>
    run({
      async create() {
        const path = `/store-${count++}`;
        return { isShared: true, open: async () => openAt(path) };
      },
    }),
  );

  test('it outlives a restart of the server, and waits for it', async () => {
    const store = openAt('/restarted');
    await store.commit({ epoch: 1, changes: new Map([['a', Buffer.from('1')]]) });
    await ensemble.servers[0]!.kill();
    const waiting = store.commit({ epoch: 1, changes: new Map([['b', Buffer.from('2')]]) });
    await ensemble.servers[0]!.start();
    await waiting;
    expect([...(await store.load()).records.keys()].sort()).toEqual(['a', 'b']);
    await store.close();
  });
});
