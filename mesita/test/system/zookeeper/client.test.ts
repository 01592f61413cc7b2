// The client against real servers: what it does, and what becomes of a session when they fail.
import { performance } from 'node:perf_hooks';
import type { Logger } from '@mesita/sdk/base';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/actor/clock.ts';
import { readElectionUrl } from '../../../src/wire/election-url.ts';
import {
  connectZooKeeper,
  createPath,
  isCode,
  type ZooKeeper,
} from '../../../src/zookeeper/client.ts';
import { creatorAndReaders, openToAll } from '../../../src/zookeeper/records.ts';
import type { Ensemble } from '../../harness/server-process.ts';
import { waitFor } from '../../harness/wait.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const open: ZooKeeper[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

function connectTo(hosts: string, timeoutMs = 2_000): ZooKeeper {
  const address = readElectionUrl(`zk://${hosts}/unused`);
  const client = connectZooKeeper({ address, timeoutMs, random: systemRandom, log });
  open.push(client);
  return client;
}

const data = (text: string) => Buffer.from(text);
const available = hasZooKeeper();

describe.skipIf(!available)('one server', () => {
  let ensemble: Ensemble;
  beforeAll(async () => {
    ensemble = await startZooKeeper();
  });
  afterAll(() => ensemble?.stop());

  test('nodes are made, read, changed and removed', async () => {
    const client = connectTo(ensemble.hosts);
    await createPath(client, '/one/two', openToAll);
    await createPath(client, '/one/two', openToAll);
    expect(await client.create('/one/two/x', data('1'), { acl: openToAll })).toBe('/one/two/x');
    expect(await client.children('/one/two')).toEqual(['x']);
    expect((await client.set('/one/two/x', data('2'), 0)).version).toBe(1);
    expect(String((await client.get('/one/two/x')).data)).toBe('2');
    await expect(client.set('/one/two/x', data('3'), 0)).rejects.toMatchObject({
      code: 'BAD_VERSION',
      message: 'set /one/two/x: bad version',
    });
    await expect(client.delete('/one/two')).rejects.toMatchObject({ code: 'NOT_EMPTY' });
    await client.delete('/one/two/x');
    expect(await client.exists('/one/two/x')).toBeUndefined();
    await expect(client.get('/one/two/x')).rejects.toMatchObject({ code: 'NO_NODE' });
  });

  test('sequential nodes are numbered, ephemeral ones go with their session', async () => {
    const [client, other] = [connectTo(ensemble.hosts), connectTo(ensemble.hosts)];
    await createPath(client, '/queue', openToAll);
    const options = { acl: openToAll, isEphemeral: true, isSequential: true };
    const first = await client.create('/queue/n_', data(''), options);
    const second = await other.create('/queue/n_', data(''), options);
    expect([first, second]).toEqual(['/queue/n_0000000000', '/queue/n_0000000001']);
    let isChanged = false;
    await other.children('/queue', () => {
      isChanged = true;
    });
    await client.close();
    await waitFor('the other to be told', () => isChanged);
    expect(await other.children('/queue')).toEqual(['n_0000000001']);
  });

  test('a transaction is made as a whole or not at all', async () => {
    const client = connectTo(ensemble.hosts);
    await createPath(client, '/many', openToAll);
    const made = await client.multi([
      { type: 'create', path: '/many/a', data: data('a'), acl: openToAll },
      { type: 'check', path: '/many/a', version: 0 },
      { type: 'set', path: '/many/a', data: data('b') },
    ]);
    expect(made).toMatchObject([{ path: '/many/a' }, {}, { stat: { version: 1 } }]);
    const failing = client.multi([
      { type: 'delete', path: '/many/a' },
      { type: 'check', path: '/many', version: 7 },
    ]);
    await expect(failing).rejects.toMatchObject({
      code: 'BAD_VERSION',
      message: 'check /many: bad version',
    });
    expect(await client.exists('/many/a')).toBeDefined();
  });

  test('only the one with the credential writes where it wrote', async () => {
    const owner = connectTo(`ann:secret@${ensemble.hosts}`);
    const [stranger, wrong] = [connectTo(ensemble.hosts), connectTo(`ann:wrong@${ensemble.hosts}`)];
    await createPath(owner, '/owned', creatorAndReaders);
    expect(String((await stranger.get('/owned')).data)).toBe('');
    for (const client of [stranger, wrong]) {
      await expect(client.set('/owned', data('x'))).rejects.toMatchObject({ code: 'NO_AUTH' });
    }
    await expect(
      stranger.create('/mine', data(''), { acl: creatorAndReaders }),
    ).rejects.toMatchObject({ code: 'INVALID_ACL' });
  });

  test('a restarted server finds the session again; a watch is told to look again', async () => {
    const client = connectTo(ensemble.hosts, 10_000);
    await client.create('/mark', data(''), { acl: openToAll, isEphemeral: true });
    let isTold = false;
    await client.get('/mark', () => {
      isTold = true;
    });
    await ensemble.servers[0]!.kill();
    await waitFor('the watch to be told', () => isTold);
    await ensemble.servers[0]!.start();
    expect(await client.exists('/mark')).toBeDefined();
  });

  test('a frozen server ends the session by our own clock', async () => {
    const client = connectTo(ensemble.hosts, 2_000);
    await client.sync('/');
    ensemble.servers[0]!.freeze();
    const frozenAt = performance.now();
    try {
      const waiting = client.get('/').catch((error: unknown) => error);
      const reason = await client.ended;
      expect(reason.code).toBe('SESSION_EXPIRED');
      expect(performance.now()).toBeGreaterThanOrEqual(client.aliveUntil);
      expect(client.aliveUntil - frozenAt).toBeLessThanOrEqual(2_000);
      expect(
        isCode(await waiting, 'CONNECTION_LOSS') || isCode(await waiting, 'SESSION_EXPIRED'),
      ).toBe(true);
      await expect(client.get('/')).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    } finally {
      ensemble.servers[0]!.thaw();
    }
  });
});

describe.skipIf(!available)('three servers', () => {
  let ensemble: Ensemble;
  beforeAll(async () => {
    ensemble = await startZooKeeper(3);
  });
  afterAll(() => ensemble?.stop());

  test('a session outlives a frozen server, and a dead one', async () => {
    const client = connectTo(ensemble.hosts, 12_000);
    const options = { acl: openToAll, isEphemeral: true };
    const path = await client.create('/held', data(''), options);
    for (const server of ensemble.servers) {
      server.freeze();
      await waitFor('the session to go on', () => client.exists(path).then(Boolean, () => false));
      server.thaw();
    }
    await ensemble.servers[0]!.kill();
    await waitFor('the session to go on', () => client.exists(path).then(Boolean, () => false));
    await ensemble.servers[0]!.start();
    expect(client.aliveUntil).toBeGreaterThan(performance.now());
  });
});
