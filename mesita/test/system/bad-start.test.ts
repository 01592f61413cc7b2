// What a person reads who starts a daemon where it cannot run: one line, and status 1.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, createCluster, directories, spawnDaemon } from '../harness/cluster.ts';

const isRoot = process.getuid?.() === 0;
let cluster: Cluster;
beforeAll(() => {
  cluster = createCluster();
});
afterAll(() => cluster.stop());

async function refusal(command: 'mesos-master' | 'mesos-agent', ...flags: string[]) {
  const port = flags.some((flag) => flag.startsWith('--port=')) ? [] : ['--port=0'];
  const daemon = spawnDaemon(command, 0, ['--ip=127.0.0.1', '--quiet', ...port, ...flags]);
  const status = await daemon.exited;
  const lines = daemon.output().trimEnd().split('\n');
  return { status, lines: lines.map((line) => line.replaceAll(cluster.folder, '<folder>')) };
}

const agentFlags = (name: string) => [
  '--master=127.0.0.1:1',
  ...directories(join(cluster.folder, name)),
];

describe('a port that is taken', () => {
  let taken: Server;
  afterEach(() => taken.close());

  test.each(['mesos-master', 'mesos-agent'] as const)('%s', async (command) => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const more = command === 'mesos-agent' ? agentFlags('port') : ['--registry=in_memory'];
    const { status, lines } = await refusal(command, ...more, `--port=${port}`);
    expect([status, lines]).toEqual([
      1,
      [
        `${command}: cannot listen on 127.0.0.1:${port}: the port is already in use; give another with --port`,
      ],
    ]);
  });
});

test('a typo in a flag is told with what was meant', async () => {
  expect(await refusal('mesos-master', '--work_dri=/tmp/x')).toMatchSnapshot();
  expect(await refusal('mesos-agent', '--atributes=a:b', ...agentFlags('typo'))).toMatchSnapshot();
});

test('a directory that cannot be made below /proc ends the start', async () => {
  const text = 'Failed to create directory /proc/nosuch/x: No such file or directory';
  for (const [command, ...flags] of [
    ['mesos-master', '--work_dir=/proc/nosuch/x'],
    ['mesos-agent', '--runtime_dir=/proc/nosuch/x', '--master=127.0.0.1:1', '--work_dir=/nosuch'],
  ] as const) {
    expect(await refusal(command, ...flags)).toEqual({ status: 1, lines: [`${command}: ${text}`] });
  }
});

test('a flag that is not supported yet is refused, not ignored', async () => {
  const { status, lines } = await refusal(
    'mesos-agent',
    '--docker_mesos_image=mesos',
    ...agentFlags('later'),
  );
  expect(status).toBe(1);
  expect(lines[0]).toMatch(/not supported yet/);
});

test('what is missing is named', async () => {
  expect(await refusal('mesos-master')).toMatchSnapshot();
  expect(await refusal('mesos-agent')).toMatchSnapshot();
});

test('a work directory that cannot be made', async () => {
  const work = '--work_dir=/dev/null/nowhere';
  const flags = agentFlags('nowhere').filter((flag) => !flag.startsWith('--work_dir='));
  expect(await refusal('mesos-master', work)).toMatchSnapshot();
  expect(await refusal('mesos-agent', ...flags, work)).toMatchSnapshot();
});

test('a second master on the same work directory', async () => {
  const first = await cluster.startMaster();
  const { status, lines } = await refusal('mesos-master', `--work_dir=${cluster.folder}/master`);
  expect([status, lines.length]).toEqual([1, 1]);
  expect(lines[0]).toMatchSnapshot();
  expect(first.process.exitCode).toBe(null);
});

const needsRoot = test.skipIf(!isRoot);

needsRoot('a work directory of another user', async () => {
  const home = join(cluster.folder, 'theirs');
  mkdirSync(home, { mode: 0o700 });
  chmodSync(cluster.folder, 0o755);
  chownSync(home, 0, 0);
  const flags = ['--no-switch_user', ...agentFlags('theirs')];
  for (const [command, more] of [
    ['mesos-agent', flags],
    ['mesos-master', [`--work_dir=${home}`]],
  ] as const) {
    const script = join(import.meta.dirname, `../../dist/${command}.js`);
    const { status, stderr } = spawnSync(
      process.execPath,
      [script, '--ip=127.0.0.1', '--port=0', '--quiet', ...more],
      { uid: 65_534, gid: 65_534, encoding: 'utf8' },
    );
    expect([status, stderr.replaceAll(cluster.folder, '<folder>').trimEnd()]).toMatchSnapshot();
  }
});
