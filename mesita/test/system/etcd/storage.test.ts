// The store in etcd keeps the contract of every store.
import { unwrap } from '@mesita/sdk/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEtcdAddress } from '../../../src/etcd/address.ts';
import { openEtcdStorage } from '../../../src/storage/etcd.ts';
import { storageSuite } from '../../../src/storage/testing/storage-suite.ts';
import { type EtcdServer, hasEtcd, startEtcd } from '../../harness/etcd.ts';

describe.skipIf(!hasEtcd())('a registry in etcd', () => {
  let server: EtcdServer;
  let count = 0;
  beforeAll(async () => {
    server = await startEtcd();
  });
  afterAll(() => server?.stop());

  const openAt = (path: string) =>
    openEtcdStorage(unwrap(parseEtcdAddress(`etcd://${server.host}${path}`)));

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
    await server.kill();
    const waiting = store.commit({ epoch: 1, changes: new Map([['b', Buffer.from('2')]]) });
    await server.start();
    await waiting;
    expect([...(await store.load()).records.keys()].sort()).toEqual(['a', 'b']);
    await store.close();
  });
});
