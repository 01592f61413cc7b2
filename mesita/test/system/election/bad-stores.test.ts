// What a person reads who gives a master a store that it cannot use: one line, and nothing changed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import type { Logger } from '@mesita/sdk/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/actor/clock.ts';
import { connectEtcd } from '../../../src/etcd/client.ts';
import { readElectionUrl } from '../../../src/wire/election-url.ts';
import { connectZooKeeper, createPath } from '../../../src/zookeeper/client.ts';
import { aclOf } from '../../../src/zookeeper/records.ts';
import {
  type Cluster,
  createCluster,
  freePort,
  spawnDaemon,
  waitFor,
} from '../../harness/cluster.ts';
import { hasEtcd, startEtcd } from '../../harness/etcd.ts';
import type { Ensemble } from '../../harness/server-process.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
let cluster: Cluster;
beforeAll(() => {
  cluster = createCluster();
});
afterAll(() => cluster.stop());

async function refusal(...flags: readonly string[]) {
  const daemon = spawnDaemon('mesos-master', 0, [
    ...['--ip=127.0.0.1', '--port=0', '--quiet', '--zk_session_timeout=2secs'],
    `--work_dir=${join(cluster.folder, 'master')}`,
    ...flags,
  ]);
  const status = await daemon.exited;
  return { status, text: daemon.output().trimEnd() };
}

/** One line, whatever the ports are. */
const line = (text: string) => ({
  status: 1,
  text: expect.stringMatching(new RegExp(`^mesos-master: .*${text}.*$`)),
});

const newer = '{"registry":9,"epoch":1,"serial":1}';

describe('in a work directory', () => {
  test('that another master has', async () => {
    const master = await cluster.startMaster();
    expect(await refusal()).toEqual(line('master/registry.* is in use by another process'));
    await master.kill('SIGTERM');
  });

  test('that is damaged', async () => {
    const master = await cluster.startMaster();
    await master.kill('SIGTERM');
    const current = join(cluster.folder, 'master/registry/CURRENT');
    writeFileSync(current, 'noise');
    expect(await refusal()).toEqual(line('master/registry.* is damaged'));
    expect(readFileSync(current, 'utf8')).toBe('noise');
  });
});

describe.skipIf(process.getuid?.() !== 0)('in a work directory (needs root)', () => {
  test('that can only be read', async () => {
    const folder = join(cluster.folder, 'read-only');
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
    const work = `--work_dir=${join(folder, 'master')}`;
    const port = await freePort();
    const master = spawnDaemon('mesos-master', port, ['--ip=127.0.0.1', `--port=${port}`, work]);
    await waitFor('the registry', () => existsSync(join(folder, 'master/registry/CURRENT')));
    await master.kill('SIGTERM');
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    const flags = ['--ip=127.0.0.1', '--port=0', '--quiet', work];
    const refused = spawnDaemon('mesos-master', 0, flags);
    expect(await refused.exited).toBe(1);
    expect(refused.output().trimEnd()).toMatch(/^mesos-master: .*Read-only file system$/);
  });
});

describe.skipIf(!hasZooKeeper())('in ZooKeeper', () => {
  let ensemble: Ensemble;
  beforeAll(async () => {
    ensemble = await startZooKeeper();
  });
  afterAll(() => ensemble?.stop());

  const url = (path: string, user = 'mesos:secret') => `zk://${user}@${ensemble.hosts}${path}`;
  const start = (path: string, user?: string) =>
    refusal(`--zk=${url(path, user)}`, '--registry=zookeeper');

  function connect(path: string) {
    const address = readElectionUrl(url(path));
    const client = connectZooKeeper({ address, timeoutMs: 2_000, random: systemRandom, log });
    return { client, acl: aclOf(address) };
  }

  async function put(path: string, value: string): Promise<void> {
    const { client, acl } = connect(path);
    await createPath(client, path, acl);
    await client.create(`${path}/mesita-registry`, Buffer.from(value), { acl });
    await client.close();
  }

  async function registryAt(path: string): Promise<string> {
    const { client } = connect(path);
    const { data } = await client.get(`${path}/mesita-registry`);
    await client.close();
    return String(data);
  }

  test('somebody else’s data', async () => {
    await put('/foreign', 'a recipe');
    expect(await start('/foreign')).toEqual(
      line('/foreign/mesita-registry.* holds something else than a registry'),
    );
    expect(await registryAt('/foreign')).toBe('a recipe');
  });

  test('a newer version’s data', async () => {
    await put('/newer', newer);
    expect(await start('/newer')).toEqual(line('written by a newer version, in format 9'));
    expect(await registryAt('/newer')).toBe(newer);
  });

  test('a wrong password', async () => {
    await put('/owned', 'a recipe');
    expect(await start('/owned', 'mesos:wrong')).toEqual(
      line('Failed to contend for leadership in ZooKeeper.*no auth'),
    );
  });
});

describe.skipIf(!hasEtcd())('in etcd', () => {
  let ensemble: Ensemble;
  beforeAll(async () => {
    ensemble = await startEtcd();
  });
  afterAll(() => ensemble?.stop());

  const start = (path: string, hosts = ensemble.hosts) =>
    refusal(`--etcd=etcd://${hosts}${path}`, '--registry=etcd');

  async function store(path: string, value: string) {
    const etcd = connectEtcd(readElectionUrl(`etcd://${ensemble.hosts}${path}`));
    const key = `${path}/mesita-registry`;
    await etcd.transact(undefined, [{ key, value: Buffer.from(value) }]);
    return { now: async () => String((await etcd.get(key))?.value), close: () => etcd.close() };
  }

  test.each([
    ['somebody else’s data', 'a recipe', 'holds something else than a registry'],
    ['a newer version’s data', newer, 'written by a newer version, in format 9'],
  ])('%s', async (_, value, text) => {
    // The one that failed has left the election: this one is not kept waiting.
    const stored = await store('/used', value);
    expect(await start('/used')).toEqual(line(text));
    expect(await stored.now()).toBe(value);
    stored.close();
  });

  test('a server that is full', async () => {
    const small = await startEtcd(1, undefined, ['--quota-backend-bytes=200000']);
    try {
      const etcd = connectEtcd(readElectionUrl(`etcd://${small.hosts}/fill`));
      const value = Buffer.alloc(100_000);
      const fill = async () => {
        for (let i = 0; i < 50; i++) await etcd.transact(undefined, [{ key: `/fill/${i}`, value }]);
      };
      await expect(fill()).rejects.toThrow(/space exceeded/);
      expect(await start('/full', small.hosts)).toEqual(line('etcd.*database space exceeded'));
      etcd.close();
    } finally {
      await small.stop();
    }
  });

  test('a server that is too old', async () => {
    const old = createServer((_, response) => response.writeHead(404).end('404 page not found\n'));
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = old.address() as AddressInfo;
      expect(await start('/old', `127.0.0.1:${port}`)).toEqual(line('etcd 3.4 or later is needed'));
    } finally {
      old.close();
    }
  });

  test('a wrong password', async () => {
    const guarded = await startEtcd();
    try {
      const set = (path: string, body: object) =>
        fetch(`http://${guarded.hosts}/v3/auth/${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
        });
      await set('user/add', { name: 'root', password: 'secret' });
      await set('role/add', { name: 'root' });
      await set('user/grant', { user: 'root', role: 'root' });
      await set('enable', {});
      const hosts = `root:wrong@${guarded.hosts}`;
      expect(await start('/guarded', hosts)).toEqual(line('authentication failed'));
      expect(await start('/guarded', guarded.hosts)).toEqual(line('user name is empty'));
    } finally {
      await guarded.stop();
    }
  });
});
