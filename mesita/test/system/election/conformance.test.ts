// Contenders and detectors keep the contract of their kinds, whatever elects.
import { conform } from '@mesita/sdk/conformance';
import { afterAll, test } from 'vitest';
import { zookeeperContender } from '../../../src/builtin/master-contender/zookeeper.ts';
import { zookeeperDetector } from '../../../src/builtin/master-detector/zookeeper.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

const ensemble = hasZooKeeper() ? await startZooKeeper() : undefined;
afterAll(() => ensemble?.stop());

if (ensemble) {
  const parameters = { url: `zk://mesos:secret@${ensemble.hosts}/suite`, session_timeout: '2secs' };
  conform(test, zookeeperContender, { parameters });
  conform(test, zookeeperDetector, { parameters });
} else {
  test.skip('needs ZooKeeper');
}
