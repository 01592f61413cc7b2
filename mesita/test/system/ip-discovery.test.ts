// Daemons that ask a command where to listen.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStatSync } from '../../src/linux/proc.ts';
import {
  type Cluster,
  createCluster,
  type Daemon,
  directories,
  freePort,
  getJson,
  spawnDaemon,
  waitFor,
} from '../harness/cluster.ts';

let cluster: Cluster;
const daemons: Daemon[] = [];
beforeAll(() => {
  cluster = createCluster();
});
afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon.kill()));
  await cluster.stop();
});

async function start(
  command: 'mesos-master' | 'mesos-agent',
  masterPort: number,
  ...flags: string[]
): Promise<Daemon> {
  const port = await freePort();
  const own =
    command === 'mesos-master'
      ? ['--registry=in_memory']
      : [`--master=127.0.0.1:${masterPort}`, ...directories(join(cluster.folder, 'agent'))];
  const daemon = spawnDaemon(command, port, [`--port=${port}`, ...own, ...flags]);
  daemons.push(daemon);
  return daemon;
}

async function field(daemon: Daemon, name: string): Promise<unknown> {
  const state = (await getJson(daemon.port, '/state').catch(() => ({}))) as Record<string, unknown>;
  return state[name];
}

test('master and agent listen where their commands say', async () => {
  const flag = "--ip_discovery_command=echo ' 127.0.0.1 '";
  const master = await start('mesos-master', 0, flag);
  const pid = `master@127.0.0.1:${master.port}`;
  await waitFor('the master', async () => (await field(master, 'pid')) === pid, master);
  const agent = await start('mesos-agent', master.port, flag);
  await waitFor(
    'the agent to be registered',
    async () => (await field(master, 'activated_slaves')) === 1,
    agent,
  );
  expect(await field(agent, 'pid')).toBe(`slave(1)@127.0.0.1:${agent.port}`);
});

test.each([
  [
    'exit 3',
    "Failed to execute 'exit 3'; the command was either not found or exited with a non-zero exit status: 3",
  ],
  ['true', '--ip_discovery_command printed nothing: it must print the address to bind'],
  ['echo here', '--ip_discovery_command printed "here": Failed to parse IP as either IPv4 or IPv6'],
])('%s ends the start in one line', async (text, complaint) => {
  for (const command of ['mesos-master', 'mesos-agent'] as const) {
    const daemon = await start(command, 1, '--quiet', `--ip_discovery_command=${text}`);
    expect([await daemon.exited, daemon.output()]).toEqual([1, `${command}: ${complaint}\n`]);
  }
});

test('beside --ip it is refused, and not run', async () => {
  const run = join(cluster.folder, 'run');
  const flags = ['--ip=127.0.0.1', `--ip_discovery_command=touch ${run}; echo 127.0.0.1`];
  for (const command of ['mesos-master', 'mesos-agent'] as const) {
    const daemon = await start(command, 1, ...flags);
    expect([await daemon.exited, daemon.output().split('\n')[0]]).toEqual([
      1,
      'EXIT with status 1: Only one of `--ip` or `--ip_discovery_command` should be specified',
    ]);
  }
  expect(existsSync(run)).toBe(false);
});

test('who is ended while the command runs takes it along', async () => {
  const pidFile = join(cluster.folder, 'pid');
  const hanging = `echo $$ > ${pidFile}; sleep 1000; echo 127.0.0.1`;
  const daemon = await start('mesos-master', 0, '--quiet', `--ip_discovery_command=${hanging}`);
  const pid = () => Number(existsSync(pidFile) ? readFileSync(pidFile, 'utf8') : 0);
  await waitFor('the command to run', () => pid() > 0, daemon);
  daemon.process.kill('SIGTERM');
  expect([await daemon.exited, daemon.output()]).toEqual([
    1,
    `mesos-master: Running '${hanging}' was interrupted (see --ip_discovery_command)\n`,
  ]);
  await waitFor('the command to end', () => [undefined, 'Z'].includes(readStatSync(pid())?.state));
});
