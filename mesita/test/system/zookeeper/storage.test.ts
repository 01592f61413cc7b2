// The store in ZooKeeper keeps the contract of every store; and what only it can be asked.
import type { Logger } from '@mesita/sdk/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/actor/clock.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { storageSuite } from '../../../src/storage/testing/storage-suite.ts';
import { openZooKeeperStorage } from '../../../src/storage/zookeeper.ts';
import { readElectionUrl } from '../../../src/wire/election-url.ts';
import type { Ensemble } from '../../harness/server-process.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(!hasZooKeeper())('a registry in ZooKeeper', () => {
  let ensemble: Ensemble;
  let count = 0;
  beforeAll(async () => {
    ensemble = await startZooKeeper();
  });
  afterAll(() => ensemble?.stop());

  function openAt(path: string, credential = 'mesos:secret'): Storage {
    const address = readElectionUrl(`zk://${credential}@${ensemble.hosts}${path}`);
    return openZooKeeperStorage({ address, timeoutMs: 2_000, random: systemRandom, log });
  }

  test.each(storageSuite)('$name', ({ run }) =>
    run({
      async create() {
        const path = `/store-${count++}/deep`;
        return { isShared: true, open: async () => openAt(path) };
      },
    }),
  );

  test('whoever has another password writes nothing', async () => {
    const owner = openAt('/owned');
    await owner.commit({ epoch: 1, changes: new Map([['a', Buffer.from('1')]]) });
    const stranger = openAt('/owned', 'mesos:wrong');
    await expect(stranger.commit({ epoch: 2, changes: new Map() })).rejects.toMatchObject({
      code: 'denied',
    });
    expect((await owner.load()).epoch).toBe(1);
    await Promise.all([owner.close(), stranger.close()]);
  });

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
