// What tasks and executors find in their environment, with --executor_environment_variables and without.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeLauncherPath } from '../../src/linux/launcher/native-path.ts';
import { agentApi } from '../harness/agent-api.ts';
import {
  type Cluster,
  createCluster,
  type Daemon,
  getJson,
  spawnDaemon,
  waitFor,
} from '../harness/cluster.ts';
import { type Framework, scalar, subscribe } from '../harness/framework.ts';

const isCompiled = nativeLauncherPath(undefined) !== undefined;

/** Three are free to be set; of the others the agent knows better. */
const given = {
  GREETING: 'hello "all"',
  OWN: 'of the agent',
  PATH: '/opt/tools:/usr/bin:/bin',
  MESOS_DIRECTORY: '/nowhere',
  LIBPROCESS_PORT: '1',
};
const own = { environment: { variables: [{ name: 'OWN', value: 'of the task' }] } };

let cluster: Cluster;
let master: Daemon;
let equipped: Daemon;
let framework: Framework;
let equippedId: string;
let plainId: string;

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  const file = join(cluster.folder, 'environment.json');
  writeFileSync(file, JSON.stringify(given));
  const env = { STRAY: 'of whoever started the agent' };
  equipped = await cluster.startAgent(
    { master, name: 'equipped', env },
    `--executor_environment_variables=file://${file}`,
  );
  equippedId = await agentId(equipped);
  plainId = await agentId(await cluster.startAgent({ master, name: 'plain', env }));
  framework = await subscribe(master.port);
});
afterAll(async () => {
  framework?.close();
  await cluster?.stop();
});

async function agentId({ port }: Daemon): Promise<string> {
  return ((await getJson(port, '/state')) as { id: string }).id;
}

/** A command that notes its environment under this name, whole at once. */
function note(name: string): string {
  const file = join(cluster.folder, name);
  return `env > ${file}.part; mv ${file}.part ${file}`;
}

async function noted(name: string): Promise<Record<string, string>> {
  const file = join(cluster.folder, name);
  await waitFor(`the environment of ${name}`, () => existsSync(file));
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const pairs = lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(pairs);
}

async function launch(agent: string, task: object): Promise<void> {
  const offer = await framework.offer(agent);
  await framework.accept(offer, [{ id: 'see below', more: task }]);
}

const ofTheShell = ['_', 'OLDPWD', 'PWD', 'SHLVL'];
const inherited = { GREETING: given.GREETING, PATH: given.PATH, LIBPROCESS_IP: '127.0.0.1' };

test('a command task starts with the variables; its own and the computed ones win', async () => {
  const command = { value: `${note('task')}; sleep 1000`, ...own };
  await launch(equippedId, { task_id: { value: 'task' }, command });
  const { STRAY, MESOS_DIRECTORY, ...seen } = await noted('task');
  expect(seen).toMatchObject({ ...inherited, OWN: 'of the task', LIBPROCESS_PORT: '0' });
  expect([STRAY, MESOS_DIRECTORY?.startsWith(cluster.folder)]).toEqual([undefined, true]);
});

test('a custom executor does as well', async () => {
  const program = join(import.meta.dirname, 'testdata/executor.mjs');
  const value = `${note('executor')}; exec ${process.execPath} ${program}`;
  const executor = {
    type: 'CUSTOM',
    executor_id: { value: 'echo' },
    command: { value, ...own },
    resources: [scalar('cpus', 0.1), scalar('mem', 64)],
  };
  await launch(equippedId, { task_id: { value: 'custom' }, executor });
  await framework.status('custom', 'TASK_RUNNING');
  expect(await noted('executor')).toMatchObject({
    ...inherited,
    OWN: 'of the task',
    MESOS_EXECUTOR_ID: 'echo',
    LIBPROCESS_PORT: '0',
  });
});

test("a pod's executor has them, its tasks do not", async () => {
  const offer = await framework.offer(equippedId, 0.5);
  const executor = {
    type: 'DEFAULT',
    executor_id: { value: 'pod' },
    framework_id: { value: framework.id },
    resources: [scalar('cpus', 0.1), scalar('mem', 32), scalar('disk', 16)],
  };
  const tasks = [
    {
      name: 'member',
      task_id: { value: 'member' },
      agent_id: offer.agent_id,
      command: { value: `${note('member')}; sleep 1000`, ...own },
      resources: [scalar('cpus', 0.1), scalar('mem', 32)],
    },
  ];
  const operations = [{ type: 'LAUNCH_GROUP', launch_group: { executor, task_group: { tasks } } }];
  const filters = { refuse_seconds: 0 };
  await framework.call({ type: 'ACCEPT', accept: { offer_ids: [offer.id], operations, filters } });
  const { GREETING, LIBPROCESS_IP, OWN } = await noted('member');
  expect([GREETING, LIBPROCESS_IP, OWN]).toEqual([undefined, undefined, 'of the task']);
  if (!isCompiled) return;
  await runBeside('pod', note('beside'));
  expect(await noted('beside')).toMatchObject(inherited);
});

test('without the flag nothing is handed on but the address', async () => {
  const command = { value: `${note('bare')}; sleep 1000`, ...own };
  await launch(plainId, { task_id: { value: 'bare' }, command });
  const seen = await noted('bare');
  const names = Object.keys(seen).filter((name) => !name.startsWith('MESOS_'));
  expect(names.filter((name) => !ofTheShell.includes(name)).sort()).toEqual([
    'LIBPROCESS_IP',
    'LIBPROCESS_PORT',
    'OWN',
    'PATH',
  ]);
  expect(seen).toMatchObject({
    LIBPROCESS_IP: '127.0.0.1',
    OWN: 'of the task',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  });
});

/** A session in the executor's own container sees what that has. */
async function runBeside(executor: string, command: string): Promise<void> {
  const { json } = await agentApi(equipped.port)('GET_CONTAINERS');
  const parent = json.get_containers.containers.find(
    (container: { executor_id?: { value: string } }) => container.executor_id?.value === executor,
  ).container_id;
  const session = { container_id: { value: 'beside', parent }, command: { value: command } };
  const answer = await request(`http://127.0.0.1:${equipped.port}/api/v1`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/recordio',
      'message-accept': 'application/json',
    },
    body: JSON.stringify({
      type: 'LAUNCH_NESTED_CONTAINER_SESSION',
      launch_nested_container_session: session,
    }),
  });
  expect(answer.statusCode).toBe(200);
  await answer.body.dump();
}

test('a value that is no string ends the start', async () => {
  const daemon = spawnDaemon('mesos-agent', 0, [
    '--master=127.0.0.1:1',
    `--work_dir=${join(cluster.folder, 'refused')}`,
    '--executor_environment_variables={"A":1}',
  ]);
  expect(await daemon.exited).toBe(1);
  expect(daemon.output()).toContain(
    '`executor_environment_variables` must only contain string values\n',
  );
});
