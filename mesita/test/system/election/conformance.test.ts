// Contenders and detectors keep the contract of their kinds, whatever elects.
import { conform } from '@mesita/sdk/conformance';
import { afterAll, describe, test } from 'vitest';
import { etcdContender } from '../../../src/builtin/master-contender/etcd.ts';
import { zookeeperContender } from '../../../src/builtin/master-contender/zookeeper.ts';
import { etcdDetector } from '../../../src/builtin/master-detector/etcd.ts';
import { zookeeperDetector } from '../../../src/builtin/master-detector/zookeeper.ts';
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
