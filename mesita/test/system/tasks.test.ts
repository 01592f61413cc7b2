import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  agentPort,
  type Cluster,
  createCluster,
  type Daemon,
  getJson,
} from '../harness/cluster.ts';
import { type Framework, subscribe, type TestTask } from '../harness/framework.ts';
import { sandboxPath, waitForFile } from '../harness/sandbox.ts';

let cluster: Cluster;
let master: Daemon;
let framework: Framework;

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  const resources = 'cpus:10;mem:4096';
  await Promise.all([
    cluster.startAgent({ master, name: 'one', resources }),
    cluster.startAgent({ master, name: 'two', resources }),
  ]);
  framework = await subscribe(master.port);
});
afterAll(() => cluster.stop());

test('200 tasks over two agents end as their commands do', async () => {
  const statusOf = (index: number) => (index % 5 === 0 ? (index % 255) + 1 : 0);
  const tasks = Array.from(
    { length: 200 },
    (_, index): TestTask => ({ id: `t${index}`, command: `exit ${statusOf(index)}` }),
  );
  const offers = [await framework.offer(), await framework.offer()];
  expect(new Set(offers.map(({ agent_id }) => agent_id.value)).size).toBe(2);
  await framework.accept(offers[0]!, tasks.slice(0, 100));
  await framework.accept(offers[1]!, tasks.slice(100));
  const ends = () => tasks.map(({ id }) => framework.statuses(id)[2]);
  await framework.waitFor('200 ends', () => ends().every((status) => status !== undefined));
  const told = ends().map((status) => `${status?.state}: ${status?.message}`);
  const expected = tasks.map((_, index) => {
    const status = statusOf(index);
    return `TASK_${status === 0 ? 'FINISHED' : 'FAILED'}: Command exited with status ${status}`;
  });
  expect(told).toEqual(expected);
  for (const { id } of tasks)
    expect(framework.states(id).slice(0, 2)).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
  const metrics = (await getJson(master.port, '/metrics/snapshot')) as Record<string, number>;
  expect([metrics['master/tasks_finished'], metrics['master/tasks_failed']]).toEqual([160, 40]);
});

test('a kill ends a task with SIGTERM', async () => {
  await framework.launch({ id: 'killed', command: 'sleep 1000' });
  await framework.status('killed', 'TASK_RUNNING');
  await framework.call({ type: 'KILL', kill: { task_id: { value: 'killed' } } });
  const { message } = await framework.status('killed', 'TASK_KILLED');
  expect(message).toBe('Command terminated with signal Terminated');
});

// The trap is set when the line is printed; a kill before that would end the task at once.
const stubborn = 'trap "" TERM; echo ready > ready; while :; do sleep 1; done';

test("the task's kill policy gives it its time, then SIGKILL", async () => {
  const grace = { grace_period: { nanoseconds: 700_000_000 } };
  const offer = await framework.launch({
    id: 'stubborn',
    command: stubborn,
    more: { kill_policy: grace },
  });
  await framework.status('stubborn', 'TASK_RUNNING');
  await isReady('stubborn', offer.agent_id.value);
  const killedAt = performance.now();
  await framework.call({ type: 'KILL', kill: { task_id: { value: 'stubborn' } } });
  const { message } = await framework.status('stubborn', 'TASK_KILLED');
  expect(message).toBe('Command terminated with signal Killed');
  expect(performance.now() - killedAt).toBeGreaterThan(650);
});

async function isReady(task: string, agentId: string): Promise<void> {
  const port = await agentPort(master, agentId);
  await waitForFile(port, sandboxPath(framework.id, task, 'ready'), 'ready\n');
}
