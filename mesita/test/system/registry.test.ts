// What a master remembers: kept through its death and its disk's, saved and restored by commands.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson, waitFor } from '../harness/cluster.ts';

const mesita = join(import.meta.dirname, '../../dist/mesita.js');
let cluster: Cluster;
beforeEach(() => {
  cluster = createCluster();
});
afterEach(() => cluster.stop());

function registry(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [mesita, 'registry', command, ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr: stderr.replaceAll(cluster.folder, '<folder>') };
}

const registryOf = (master: Daemon) => getJson(master.port, '/registrar(1)/registry');

/** A master answers before it has read its registry. */
async function recoveredRegistry(master: Daemon): Promise<Record<string, unknown>> {
  let registry: Record<string, unknown> = {};
  await waitFor('the registry', async () => {
    registry = (await registryOf(master)) as Record<string, unknown>;
    return 'master' in registry;
  });
  return registry;
}

async function setWeight(master: Daemon, weight: number): Promise<number> {
  const { statusCode, body } = await request(`http://127.0.0.1:${master.port}/weights`, {
    method: 'PUT',
    body: JSON.stringify([{ role: 'web', weight }]),
  });
  await body.text();
  return statusCode;
}

test('is saved, moved and restored, never in part', async () => {
  const work = `--work_dir=${join(cluster.folder, 'master')}`;
  const file = join(cluster.folder, 'saved.json');
  const master = await cluster.startMaster();
  const agent = await cluster.startAgent({ master });
  await setWeight(master, 2.5);
  const before = (await registryOf(master)) as { slaves: unknown; weights: unknown };
  for (const command of ['inspect', 'export']) {
    expect(registry(command, work)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        "mesita: the registry in '<folder>/master/registry' is in use by another process\nStop the master first.\n",
    });
  }
  await agent.kill('SIGKILL');
  await master.kill('SIGKILL');

  expect(registry('inspect', work).stdout).toMatch(/^agents +1$/m);
  expect(registry('export', work, `--out=${file}`).status).toBe(0);
  expect(registry('import', file, work)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('the registry is not empty; nothing was changed'),
  });
  const saved = readFileSync(file, 'utf8');
  writeFileSync(file, saved.replace('"agents"', '"wings"').replace('"slaves"', '"wings"'));
  expect(registry('import', file, '--replace', work)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('it has a member that is not known: wings'),
  });
  expect(registry('export', work).stdout).toBe(saved);

  writeFileSync(file, saved);
  rmSync(join(cluster.folder, 'master'), { recursive: true });
  expect(registry('inspect', work)).toMatchObject({ status: 1, stdout: '' });
  expect(existsSync(join(cluster.folder, 'master'))).toBe(false);
  expect(registry('import', file, work).status).toBe(0);
  const { slaves, weights } = before;
  expect(await recoveredRegistry(await cluster.startMaster())).toMatchObject({ slaves, weights });
});

test('a registry that a C++ master printed is taken over', async () => {
  const info = { id: { value: 'cpp-S0' }, hostname: 'h', port: 5051, checkpoint: true };
  const master = { info: { id: 'cpp', ip: 1, port: 5050, hostname: 'h' } };
  const file = join(cluster.folder, 'cpp.json');
  writeFileSync(file, JSON.stringify({ master, slaves: { slaves: [{ info }] }, machines: {} }));
  expect(registry('import', file, `--work_dir=${join(cluster.folder, 'master')}`).status).toBe(0);
  const next = await cluster.startMaster();
  await waitFor('the agent to be recovered', async () => {
    const { recovered_slaves: recovered } = (await getJson(next.port, '/slaves')) as {
      recovered_slaves: readonly { id: string }[];
    };
    return recovered.some(({ id }) => id === 'cpp-S0');
  });
});

test('a full disk ends the master, with what was acknowledged kept', async (context) => {
  const place = join(cluster.folder, 'master');
  mkdirSync(place);
  const small = ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', place];
  if (process.getuid?.() !== 0 || spawnSync('mount', small).status !== 0) {
    context.skip('mounting a small disk needs root');
  }
  try {
    const master = await cluster.startMaster();
    expect(await setWeight(master, 2)).toBe(200);
    spawnSync('dd', ['if=/dev/zero', `of=${place}/filler`, 'bs=4k']);
    let weight = 2;
    let status: number | string | undefined;
    void master.exited.then((end) => {
      status = end;
    });
    await waitFor('the master to end', async () => {
      const answer = await setWeight(master, weight + 1).catch(() => 0);
      if (answer === 200) weight += 1;
      return status !== undefined;
    });
    expect(status).toBe(1);
    expect(master.output()).toMatch(/Failed to update registry: cannot write .*No space left/);
    rmSync(join(place, 'filler'));
    const next = await cluster.startMaster();
    // The one that failed may have been written before it failed.
    const { weights } = (await recoveredRegistry(next)) as unknown as {
      weights: { info: { weight: number } }[];
    };
    expect([weight, weight + 1]).toContain(weights[0]?.info.weight);
    await next.kill();
  } finally {
    spawnSync('umount', ['-l', place]);
  }
});
