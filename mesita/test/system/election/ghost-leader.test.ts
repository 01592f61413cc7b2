// The election names a master that does not exist: nobody ends, and all follow the next one.
import type { Logger } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/actor/clock.ts';
import { readElectionUrl } from '../../../src/wire/election-url.ts';
import { connectZooKeeper, createPath } from '../../../src/zookeeper/client.ts';
import { aclOf } from '../../../src/zookeeper/records.ts';
import { createCluster, getJson, waitFor } from '../../harness/cluster.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const address = { hostname: '127.0.0.1', ip: '127.0.0.1', port: 1 };
const ghost = { id: 'ghost', ip: 16_777_343, port: 1, pid: 'master@127.0.0.1:1', address };

test.skipIf(!hasZooKeeper())('a leader that does not exist is waited out', async () => {
  const ensemble = await startZooKeeper();
  const cluster = createCluster();
  const url = `zk://mesos:secret@${ensemble.hosts}/mesos`;
  const election = readElectionUrl(url);
  const options = { address: election, timeoutMs: 2_000, random: systemRandom, log };
  const zookeeper = connectZooKeeper(options);
  try {
    const acl = aclOf(election);
    await createPath(zookeeper, election.path, acl);
    const path = `${election.path}/json.info_0000000000`;
    await zookeeper.create(path, Buffer.from(JSON.stringify(ghost)), { acl });

    const master = await cluster.startMaster(`--zk=${url}`, '--registry=zookeeper');
    const answer = await fetch(`http://127.0.0.1:${master.port}/state`, { redirect: 'manual' });
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toBe('//127.0.0.1:1/state');
    const agent = await cluster.spawnAgent({ master, detection: url });
    const hasTried = () =>
      /connection to the master broke|new master detected/.test(agent.output());
    await waitFor('the agent to try', hasTried, agent);

    await zookeeper.multi([{ type: 'delete', path }]);
    const isRegistered = async () => {
      const state = await getJson(master.port, '/slaves').catch(() => ({ slaves: [] }));
      return (state as { slaves: { active: boolean }[] }).slaves.some(({ active }) => active);
    };
    await waitFor('the agent to register with the one that leads now', isRegistered, agent);
    expect([master.process.exitCode, agent.process.exitCode]).toEqual([null, null]);
  } finally {
    await zookeeper.close();
    await cluster.stop();
    await ensemble.stop();
  }
});
