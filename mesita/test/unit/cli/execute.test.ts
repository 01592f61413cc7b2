import { afterEach, beforeEach, expect, test } from 'vitest';
import { execute } from '../../../src/cli/execute/execute.ts';
import { runSample } from '../../../src/cli/sample/framework.ts';
import type { SampleTask } from '../../../src/cli/sample/tasks.ts';
import { type FakeCluster, OUTPUT, startFakeCluster } from './fake-cluster.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await startFakeCluster();
});
afterEach(() => cluster.close());

function collector() {
  const parts: Uint8Array[] = [];
  return {
    write: (data: string | Uint8Array) => parts.push(Buffer.from(data as string)),
    read: () => Buffer.concat(parts),
  };
}

async function run(...flags: string[]) {
  const [stdout, stderr] = [collector(), collector()];
  const argv = [`--master=${cluster.master}`, '--command=true', ...flags];
  const status = await execute(argv, { stdout, stderr });
  return { status, stdout: stdout.read(), stderr: stderr.read().toString() };
}

test('ends with the status of the task, after all of its output', async () => {
  const { status, stdout, stderr } = await run('--name=exit-3');
  expect(status).toBe(3);
  expect(stdout.equals(OUTPUT)).toBe(true);
  expect(stderr.split('\n').filter((line) => line !== 'to stderr')).toEqual([
    'subscribed as F',
    "launching 'exit-3' on localhost",
    'TASK_RUNNING',
    'TASK_FAILED: Command exited with status 3',
    '',
  ]);
  expect(cluster.calls.map(({ type }) => type)).toEqual([
    'SUBSCRIBE',
    'ACCEPT',
    'ACKNOWLEDGE',
    'ACKNOWLEDGE',
    'TEARDOWN',
  ]);
});

test('kills the task that runs too long', async () => {
  const { status, stderr } = await run('--name=endless', '--kill_after=10ms');
  expect(status).toBe(143);
  expect(stderr).toContain('asked to kill it\n');
  expect(stderr).toContain('TASK_KILLED: Command terminated with signal Terminated\n');
});

test('the sample runs more tasks than fit at once', async () => {
  const tasks = Array.from(
    { length: 10 },
    (_, index): SampleTask => ({
      name: `t${index}-exit-${index === 4 ? 1 : 0}`,
      command: 'true',
      cpus: 0.5,
      mem: 64,
      expected: 'TASK_FINISHED',
    }),
  );
  const states: string[] = [];
  const observer = {
    onSubscribed: () => {},
    onLaunch: () => {},
    onState: async ({ state = '' }) => void states.push(state),
    onDisconnected: (reason: string) => void states.push(reason),
  };
  const lives = await runSample(cluster.master, tasks, observer, new AbortController().signal);
  expect(lives.map(({ state }) => state).filter((state) => state === 'TASK_FAILED')).toHaveLength(
    1,
  );
  expect(states).toHaveLength(20);
  expect(cluster.calls.at(-1)?.type).toBe('TEARDOWN');
});
