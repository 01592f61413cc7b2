// The commands a person types, against a real cluster.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait.ts';

const root = join(import.meta.dirname, '../../..');
let cluster: Cluster;
let master: Daemon;
const children: ChildProcess[] = [];

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  await cluster.startAgent({ master });
});
afterAll(() => cluster.stop());
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(command: string, ...args: string[]) {
  const child = spawn(command, args, { cwd: root });
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    ended,
    output: () => stdout + stderr,
    says: (part: string) => waitFor(part, () => (stdout + stderr).includes(part)),
    result: async () => ({ status: await ended, stdout, stderr }),
  };
}

const execute = (name: string, command: string, ...flags: string[]) =>
  run(
    'bin/mesos-execute.sh',
    `--master=127.0.0.1:${master.port}`,
    `--name=${name}`,
    `--command=${command}`,
    ...flags,
  );

test("execute shows the task's output and ends with its status", async () => {
  const command = 'echo out; echo "value $KEY"; echo err >&2; exit 3';
  const { status, stdout, stderr } = await execute('t1', command, '--env={"KEY":"v"}').result();
  expect([status, stdout]).toEqual([3, 'out\nvalue v\n']);
  expect(stderr).toMatch(/^subscribed as .*-0000\nlaunching 't1' on localhost\n/);
  expect(stderr).toContain('\nerr\n');
  expect(stderr).toContain('TASK_FAILED: Command exited with status 3\n');
  expect((await execute('t2', 'true').result()).status).toBe(0);
});

test('execute kills what runs too long, and what Ctrl-C asks it to', async () => {
  const slow = await execute('t3', 'sleep 1000', '--kill_after=100ms').result();
  expect([slow.status, slow.stderr]).toEqual([143, expect.stringContaining('TASK_KILLED')]);
  const { child, says, result } = execute('t4', 'echo ready; sleep 1000');
  await says('ready');
  child.kill('SIGINT');
  const { status, stderr } = await result();
  expect([status, stderr]).toEqual([143, expect.stringContaining('TASK_KILLED')]);
});

test('execute waits for a master, and says so', async () => {
  const { says, child, ended } = run(
    'bin/mesos-execute.sh',
    '--master=127.0.0.1:1',
    '--name=t',
    '--command=true',
  );
  await says('trying again');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});

test.each([
  [['--name=t', '--command=true'], /master/],
  [['--master=127.0.0.1:5050', '--command=true'], /--name/],
  [['--master=127.0.0.1:5050', '--name=t', '--comand=true'], /Did you mean --command\?/],
  [['--master=127.0.0.1:5050', '--name=t', '--command=true', '--resources=cpus'], /cpus/],
  [['--master=127.0.0.1:5050', '--name=t', '--docker_image=alpine'], /not supported yet/],
])('execute with %j says what is wrong', async (flags, message) => {
  const { status, stderr } = await run('bin/mesos-execute.sh', ...flags).result();
  expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
  expect(stderr).toMatch(/^mesos-execute: /);
});

test('local runs a cluster until Ctrl-C', async () => {
  const script = join(root, 'mesita/dist/mesita.js');
  const local = run(process.execPath, script, 'local', '--agents=2', '--port=0');
  await local.says('Ctrl-C ends all of it.');
  const [, address] = /mesita execute --master=(\S+)/.exec(local.output()) ?? [];
  const flags = [`--master=${address}`, '--name=t', '--command=exit 4'];
  expect((await run(process.execPath, script, 'execute', ...flags).result()).status).toBe(4);
  local.child.kill('SIGINT');
  expect(await local.ended).toBe(0);
});
