import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson, waitFor } from '../harness/cluster.ts';
import { type Framework, scalar, subscribe, type TestTask } from '../harness/framework.ts';
import { sandboxPath, waitForFile } from '../harness/sandbox.ts';

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  agent = await cluster.startAgent({ master });
  framework = await subscribe(master.port);
});
afterAll(() => cluster.stop());

const executor = {
  type: 'CUSTOM',
  executor_id: { value: 'echo' },
  name: 'Echo',
  command: { value: `${process.execPath} ${join(import.meta.dirname, 'testdata/executor.mjs')}` },
  resources: [scalar('cpus', 0.1), scalar('mem', 64)],
};
const task = (id: string): TestTask => ({ id, more: { executor } });

test('one executor runs several tasks, talks with its scheduler, and ends when it is told', async () => {
  const { agent_id } = await framework.launch(task('a'), task('b'));
  const { message } = await framework.status('a', 'TASK_RUNNING');
  expect(message).toBe('it is TASK_RUNNING');
  await framework.status('b', 'TASK_RUNNING');
  const stdout = sandboxPath(framework.id, 'echo', 'stdout');
  await waitForFile(agent.port, stdout, 'subscribed Echo\n');

  const address = { agent_id, executor_id: executor.executor_id };
  const data = Buffer.from('finish a').toString('base64');
  await framework.call({ type: 'MESSAGE', message: { ...address, data } });
  await framework.status('a', 'TASK_FINISHED');
  await framework.waitFor('the answer', () => framework.events.some((e) => e.type === 'MESSAGE'));
  const answer = framework.events.find((event) => event.type === 'MESSAGE')?.message;
  expect(Buffer.from(answer?.data ?? '', 'base64').toString()).toBe('FINISH A');

  await framework.call({ type: 'KILL', kill: { task_id: { value: 'b' } } });
  await framework.status('b', 'TASK_KILLED');

  await framework.call({ type: 'SHUTDOWN', shutdown: address });
  await waitForFile(agent.port, stdout, 'subscribed Echo\nshut down\n');
  await framework.waitFor('the end of the executor', () =>
    framework.events.some((event) => event.type === 'FAILURE'),
  );
  expect(framework.events.find((event) => event.type === 'FAILURE')?.failure).toMatchObject({
    executor_id: { value: 'echo' },
    status: 0,
  });
});

test('an executor that dies takes its tasks along', async () => {
  await framework.launch(task('c'));
  await framework.status('c', 'TASK_RUNNING');
  const pid = await executorPid();
  process.kill(pid, 'SIGKILL');
  const status = await framework.status('c', 'TASK_FAILED');
  expect(status).toMatchObject({ reason: 'REASON_EXECUTOR_TERMINATED' });
});

async function executorPid(): Promise<number> {
  let pid: number | undefined;
  await waitFor('the pid of the executor', async () => {
    const containers = (await getJson(agent.port, '/containers')) as {
      status?: { executor_pid?: number };
    }[];
    pid = containers[0]?.status?.executor_pid;
    return pid !== undefined;
  });
  return pid!;
}
