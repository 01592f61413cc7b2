// Contenders and detectors keep the contract of their kinds, whatever elects.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { conform } from '@mesita/sdk/conformance';
import { defineModule } from '@mesita/sdk/module';
import { afterAll, describe, test } from 'vitest';
import { etcdContender } from '../../../src/builtin/master-contender/etcd.ts';
import { zookeeperContender } from '../../../src/builtin/master-contender/zookeeper.ts';
import { etcdDetector } from '../../../src/builtin/master-detector/etcd.ts';
import { httpDetector } from '../../../src/builtin/master-detector/http.ts';
import { zookeeperDetector } from '../../../src/builtin/master-detector/zookeeper.ts';
import { createStandaloneElection } from '../../../src/master/election.ts';
import { hasEtcd, startEtcd } from '../../harness/etcd.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

const ensemble = hasZooKeeper() ? await startZooKeeper() : undefined;
const etcd = hasEtcd() ? await startEtcd() : undefined;
afterAll(async () => {
  await ensemble?.stop();
  await etcd?.stop();
});

describe.skipIf(!ensemble)('in ZooKeeper', () => {
  const parameters = {
    url: `zk://mesos:secret@${ensemble?.hosts}/suite`,
    session_timeout: '2secs',
  };
  conform(test, zookeeperContender, { parameters });
  conform(test, zookeeperDetector, { parameters });
});

describe.skipIf(!etcd)('in etcd', () => {
  const parameters = { url: `etcd://${etcd?.hosts}/suite`, session_timeout: '2secs' };
  conform(test, etcdContender, { parameters });
  conform(test, etcdDetector, { parameters });
});

// No modules by themselves: what a master is where nobody else can lead.
describe('alone', () => {
  conform(
    test,
    defineModule({
      kind: 'MasterContender',
      name: 'standalone',
      parameters: {},
      create: () => createStandaloneElection().contender,
    }),
  );
  conform(
    test,
    defineModule({
      kind: 'MasterDetector',
      name: 'standalone',
      parameters: {},
      create: () => createStandaloneElection().detector,
    }),
  );
});

/** Names itself, as a leader does. */
const leader = createServer((request, response) => {
  response.writeHead(307, { location: `//${request.headers.host}` }).end();
});
await new Promise<void>((resolve) => leader.listen(0, '127.0.0.1', resolve));
afterAll(() => leader.close());

describe('from a list', () => {
  const { port } = leader.address() as AddressInfo;
  const parameters = { masters: `127.0.0.1:1,127.0.0.1:${port}`, interval: '100ms' };
  conform(test, httpDetector, { parameters });
});
