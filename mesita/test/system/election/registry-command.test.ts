// `mesita registry` where masters are elected: what one ensemble holds is moved to another.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Cluster,
  createCluster,
  type Daemon,
  getJson,
  waitFor,
} from '../../harness/cluster.ts';
import { hasEtcd, startEtcd } from '../../harness/etcd.ts';
import type { Ensemble } from '../../harness/server-process.ts';
import { hasZooKeeper, startZooKeeper } from '../../harness/zookeeper.ts';

const mesita = join(import.meta.dirname, '../../../dist/mesita.js');

const engines = [
  {
    flag: 'zk',
    user: 'mesos:secret@',
    registry: 'zookeeper',
    isThere: hasZooKeeper(),
    start: startZooKeeper,
  },
  { flag: 'etcd', user: '', registry: 'etcd', isThere: hasEtcd(), start: startEtcd },
].filter(({ isThere }) => isThere);

function registry(command: string, ...args: readonly string[]) {
  const argv = [mesita, 'registry', command, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const refused = (text: string) => ({
  status: 1,
  stdout: '',
  stderr: expect.stringContaining(text),
});

async function weightsOf({ port }: Daemon): Promise<unknown> {
  return getJson(port, '/weights');
}

describe.each(engines)('a registry by --$flag', ({ flag, user, registry: store, start }) => {
  let cluster: Cluster;
  let ensemble: Ensemble;
  beforeEach(async () => {
    cluster = createCluster();
    ensemble = await start();
  });
  afterEach(async () => {
    await cluster.stop();
    await ensemble?.stop();
  });

  const place = (path: string, who = user) => `--${flag}=${flag}://${who}${ensemble.hosts}${path}`;
  const startMaster = (path: string) =>
    cluster.startMaster(place(path), `--registry=${store}`, '--zk_session_timeout=2secs');

  test('is saved while a master leads, and restored elsewhere when none does', async () => {
    const master = await startMaster('/old');
    const set = await fetch(`http://127.0.0.1:${master.port}/weights`, {
      method: 'PUT',
      body: '[{"role":"web","weight":2.5}]',
    });
    expect(set.status).toBe(200);
    const file = join(cluster.folder, 'saved.json');
    expect(registry('export', place('/old'), `--out=${file}`)).toMatchObject({ status: 0 });
    expect(registry('inspect', place('/old')).stdout).toMatch(/^weights +web=2.5$/m);
    expect(registry('import', file, '--replace', place('/old'))).toMatchObject(
      refused('a master leads at'),
    );
    expect(registry('inspect', place('/new'))).toMatchObject(refused('there is no registry at'));

    const secret = join(cluster.folder, 'url');
    writeFileSync(secret, `${place('/new').slice(`--${flag}=`.length)}\n`);
    expect(registry('import', file, `--${flag}=file://${secret}`)).toMatchObject({ status: 0 });
    expect(registry('import', file, place('/new'))).toMatchObject(
      refused('the registry is not empty; nothing was changed'),
    );
    expect(registry('export', place('/new')).stdout).toBe(readFileSync(file, 'utf8'));
    const next = await startMaster('/new');
    await waitFor('it to lead', async () => (await weightsOf(next)) !== undefined);
    expect(await weightsOf(next)).toEqual([{ role: 'web', weight: 2.5 }]);
  });

  test('bad places are told in one line', async () => {
    for (const [args, text] of [
      [[], 'give one of --work_dir, --zk and --etcd'],
      [[place('/a'), '--work_dir=/x'], 'give one of --work_dir, --zk and --etcd'],
      [[`--${flag}=http://h/x`], `--${flag} does not begin with ${flag}://`],
      [[`--${flag}=${flag}://127.0.0.1:1/x`], 'cannot be reached'],
    ] as const) {
      expect(registry('inspect', ...args)).toMatchObject(refused(text));
    }
  });

  // Users of etcd are its own affair: see `bad-stores.test.ts`.
  if (flag === 'zk')
    test('a wrong password changes nothing', async () => {
      const file = join(cluster.folder, 'empty.json');
      writeFileSync(file, '{}');
      expect(registry('import', file, place('/owned'))).toMatchObject({ status: 0 });
      const before = registry('export', place('/owned')).stdout;
      expect(registry('import', file, '--replace', place('/owned', 'mesos:wrong@'))).toMatchObject(
        refused('may not be written by this user'),
      );
      expect(registry('export', place('/owned')).stdout).toBe(before);
    });
});
