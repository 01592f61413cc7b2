// What agents, frameworks and tasks notice of a master that dies, and frameworks of each other.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson, waitFor } from '../harness/cluster.ts';
import { acknowledgement, type Framework, subscribe } from '../harness/framework.ts';

let cluster: Cluster;
let master: Daemon;
let framework: Framework;

beforeEach(() => {
  cluster = createCluster();
});
afterEach(async () => {
  framework.close();
  await cluster.stop();
});

async function start(): Promise<void> {
  master = await cluster.startMaster('--allocation_interval=100ms');
  await cluster.startAgent({ master });
}

interface MasterState {
  readonly slaves: readonly { readonly id: string; readonly active: boolean }[];
  readonly frameworks: readonly { readonly id: string; readonly tasks: readonly object[] }[];
}

const masterState = () => getJson(master.port, '/state') as Promise<MasterState>;

test('a master that was killed comes back, and so does everybody else', async () => {
  await start();
  framework = await subscribe(master.port);
  await framework.launch({ id: 'long', command: 'sleep 1000' });
  await framework.status('long', 'TASK_RUNNING');
  const { slaves } = await masterState();
  await master.kill('SIGKILL');
  await framework.waitFor('the end of the stream', () => !framework.isOpen);

  master = await cluster.startMaster(`--port=${master.port}`, '--allocation_interval=100ms');
  framework = await subscribe(master.port, { id: framework.id });
  await waitFor('the agent and its task to be back', async () => {
    const { slaves, frameworks } = await masterState();
    return slaves.some(({ active }) => active) && frameworks[0]?.tasks.length === 1;
  });
  const after = await masterState();
  expect(after.slaves.map(({ id }) => id)).toEqual(slaves.map(({ id }) => id));
  expect(after.frameworks).toMatchObject([
    { id: framework.id, tasks: [{ state: 'TASK_RUNNING' }] },
  ]);
  expect(framework.states('long')).toEqual([]);

  await framework.call({ type: 'RECONCILE', reconcile: { tasks: [] } });
  await framework.status('long', 'TASK_RUNNING');
  await framework.call({ type: 'KILL', kill: { task_id: { value: 'long' } } });
  await framework.status('long', 'TASK_KILLED');
});

test('a framework that subscribes again takes over; the old subscription ends with an error', async () => {
  await start();
  const old = await subscribe(master.port);
  await old.launch({ id: 'kept', command: 'sleep 1000' });
  await old.status('kept', 'TASK_RUNNING');
  framework = await subscribe(master.port, { id: old.id });
  expect(framework.id).toBe(old.id);
  await old.waitFor('the end of the old stream', () => !old.isOpen);
  expect(old.events.at(-1)).toMatchObject({
    type: 'ERROR',
    error: { message: 'Framework failed over' },
  });
  const late = await old.call({ type: 'REVIVE' });
  expect(late.status).toBe(400);
  old.close();
  await framework.call({ type: 'KILL', kill: { task_id: { value: 'kept' } } });
  await framework.status('kept', 'TASK_KILLED');
});

test('an update that nobody acknowledges comes again, and holds up nobody else', async () => {
  await start();
  framework = await subscribe(master.port, { acknowledges: false });
  await framework.launch({ id: 'unheard', command: 'true' });
  const other = await subscribe(master.port);
  await other.launch({ id: 'other', command: 'true' });
  await other.status('other', 'TASK_FINISHED');
  other.close();
  await framework.waitFor('it to come again', () => framework.statuses('unheard').length === 2);
  const [first, second] = framework.statuses('unheard');
  expect(second).toEqual(first);
  expect(first?.state).toBe('TASK_STARTING');
  // The later ones wait for it, in order.
  for (const state of ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'])
    await framework.call(acknowledgement(await framework.status('unheard', state)));
  await waitFor('the task to be completed', async () => {
    const { completed_frameworks, frameworks } = (await getJson(master.port, '/state')) as {
      completed_frameworks: object[];
      frameworks: { id: string; completed_tasks: object[] }[];
    };
    const mine = frameworks.find(({ id }) => id === framework.id);
    return mine?.completed_tasks.length === 1 && completed_frameworks.length === 0;
  });
});
