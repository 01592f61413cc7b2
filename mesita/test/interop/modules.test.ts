// Every example through the daemons' flags, its effect seen from outside.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
import { type Framework, subscribe } from '../harness/framework.ts';
import { sandboxPath, waitForFile } from '../harness/sandbox.ts';

const examples = join(import.meta.dirname, '../../../examples/modules');

const parts = ['RandomSorter', 'BinPacking', 'Pools', 'Ceiling'].map((one) => `org_example_${one}`);

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;
const path = (name: string) => join(cluster.folder, name);

/** A manifest in the cluster's folder: file → name → parameters. */
function manifest(name: string, libraries: Readonly<Record<string, Modules>>): string {
  const entries = Object.entries(libraries).map(([file, modules]) => ({
    file: join(examples, file),
    modules: Object.entries(modules).map(([module, parameters]) => ({
      name: module,
      parameters: Object.entries(parameters).map(([key, value]) => ({ key, value })),
    })),
  }));
  writeFileSync(path(name), JSON.stringify({ libraries: entries }));
  return `--modules=file://${path(name)}`;
}
type Modules = Readonly<Record<string, Readonly<Record<string, string>>>>;

const metrics = async (daemon: Daemon) =>
  (await getJson(daemon.port, '/metrics/snapshot')) as Record<string, number>;
const text = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');

beforeAll(async () => {
  cluster = createCluster();
  mkdirSync(path('secrets'));
  writeFileSync(path('secrets/database'), 'hunter2');
  const election = { file: path('leader'), lease: '2secs' };
  const rules = '[{"actions":["VIEW_FLAGS"],"allow":false}]';
  master = await cluster.startMaster(
    '--registry=in_memory',
    '--allocation_interval=100ms',
    manifest('master.json', {
      'hello.ts': { org_example_Hello: {} },
      'allocator-parts.ts': {
        org_example_RandomSorter: {},
        org_example_BinPacking: {},
        org_example_Pools: {},
        org_example_Ceiling: { cpus: '400' },
      },
      'rules-authorizer.ts': { org_example_Rules: { rules, otherwise: 'true' } },
      'file-election.ts': {
        org_example_FileContender: election,
        org_example_FileDetector: election,
      },
    }),
    `--allocator_parts=${parts.join(',')}`,
    '--authorizers=org_example_Rules',
    '--master_contender=org_example_FileContender',
    '--master_detector=org_example_FileDetector',
  );
  const port = await freePort();
  agent = spawnDaemon('mesos-agent', port, [
    ...['--ip=127.0.0.1', `--port=${port}`, '--hostname=localhost'],
    ...['--resources=cpus:4;mem:4096;disk:10240', '--oversubscribed_resources_interval=100ms'],
    ...directories(path('agent')),
    manifest('agent.json', {
      'test-task-hook.ts': { TestTaskHook: {} },
      'docker-prepare-hook.ts': { org_example_DockerPrepare: {} },
      'executor-cleanup-hook.ts': {
        org_example_ExecutorCleanup: { command: `echo "$EXECUTOR_ID" >> ${path('executors')}` },
      },
      'journal-isolator.ts': { org_example_Journal: {} },
      'command-isolator.ts': {
        org_example_CommandIsolator: {
          prepare: `echo prepared >> ${path('commands')}`,
          usage: 'echo 4096',
          watch: 'while ! test -e "$DIRECTORY/too-much"; do sleep 0.05; done; echo too much',
          cleanup: `echo gone >> ${path('commands')}`,
        },
      },
      'tagged-logger.ts': { org_example_TaggedLogger: { command: `cat >> ${path('log')}` } },
      'lending.ts': { org_example_SlackEstimator: {}, org_example_MemoryController: {} },
      'file-secrets.ts': { org_example_FileSecrets: { directory: path('secrets') } },
      'file-election.ts': { org_example_FileDetector: election },
      'hello.ts': { org_example_Hello: {} },
    }),
    '--hooks=TestTaskHook,org_example_DockerPrepare,org_example_ExecutorCleanup',
    '--isolation=posix/cpu,posix/mem,org_example_Journal,org_example_CommandIsolator',
    '--container_logger=org_example_TaggedLogger',
    '--resource_estimator=org_example_SlackEstimator',
    '--qos_controller=org_example_MemoryController',
    '--secret_resolver=org_example_FileSecrets',
    '--master_detector=org_example_FileDetector',
  ]);
  await waitFor(
    'the elected master has the agent',
    async () => {
      const { slaves } = (await getJson(master.port, '/slaves').catch(() => ({}))) as {
        slaves?: readonly unknown[];
      };
      return slaves?.length === 1;
    },
    agent,
  );
  framework = await subscribe(master.port);
});
afterAll(async () => {
  await agent?.kill();
  await cluster.stop();
});

test('election: the lease in the shared file names the master that was elected', async () => {
  const { master: leader } = JSON.parse(text('leader')) as { master: { port: number } };
  expect(leader.port).toBe(master.port);
  expect(await metrics(master)).toMatchObject({ 'master/elected': 1 });
});

test('a task is hooked, journalled, prepared, given its secret, logged and lent from', async () => {
  const secret = { type: 'REFERENCE', reference: { name: 'database' } };
  const environment = { variables: [{ name: 'PASSWORD', type: 'SECRET', secret }] };
  const value = 'test "$PASSWORD" = hunter2 && echo "$HOOKED_BY $JOURNAL"; sleep 1000';
  await framework
    .offer()
    .then((offer) =>
      framework.accept(offer, [
        { id: 'one', mem: 1024, more: { command: { value, environment } } },
      ]),
    );
  const running = await framework.status('one', 'TASK_RUNNING');
  expect(running).toMatchObject({
    labels: { labels: [{ key: 'hooked-by', value: 'TestTaskHook' }] },
  });
  const sandbox = (file: string) => sandboxPath(framework.id, 'one', file);
  await waitForFile(agent.port, sandbox('stdout'), 'TestTaskHook journal\n');
  await waitFor('the logger has it too', () => text('log').includes('TestTaskHook journal'));
  expect(text('commands')).toBe('prepared\n');
  await waitFor('memory is lent', async () => {
    return ((await metrics(master))['master/mem_revocable_total'] ?? 0) > 0;
  });
  expect(await metrics(agent)).toMatchObject({
    'modules/TestTaskHook/tasks': 1,
    'modules/org_example_Journal/containers': 1,
  });
  expect((await metrics(agent))['modules/org_example_FileSecrets/resolved']).toBeGreaterThan(0);
});

test('an isolator of commands measures a container, ends it, and cleans up; so does the hook', async () => {
  const usage = (await getJson(agent.port, '/containers')) as readonly {
    statistics: { mem_rss_bytes?: number };
  }[];
  expect(usage[0]?.statistics.mem_rss_bytes).toBe(4096);
  await framework.launch({ id: 'greedy', command: 'touch too-much; sleep 1000' });
  const failed = await framework.status('greedy', 'TASK_FAILED');
  expect(failed.message).toContain('too much');
  await framework.call({ type: 'KILL', kill: { task_id: { value: 'one' } } });
  await framework.status('one', 'TASK_KILLED');
  await waitFor('both were cleaned up', () => text('commands').split('gone').length === 3);
  await waitFor(
    'the hook saw both executors end',
    () => text('executors').split('\n').length === 3,
  );
});

test('rules refuse the flags to everybody, and nothing else', async () => {
  const status = async (where: string) => {
    const answer = await request(`http://127.0.0.1:${master.port}${where}`);
    await answer.body.dump();
    return answer.statusCode;
  };
  expect([await status('/flags'), await status('/state')]).toEqual([403, 200]);
});

test('parts of the allocator and routes of anonymous modules are in use', async () => {
  const { modules } = (await getJson(master.port, '/modules')) as {
    modules: readonly { name: string; state: string }[];
  };
  const states = Object.fromEntries(modules.map(({ name, state }) => [name, state]));
  for (const name of [...parts, 'org_example_FileContender']) {
    expect([name, states[name]]).toEqual([name, 'running']);
  }
  for (const { port } of [master, agent]) {
    expect(await getJson(port, '/modules/org_example_Hello/hello/Ada')).toMatchObject({
      text: 'Hello, Ada!',
    });
  }
});

test('an authenticator lets in who stands in its file', async () => {
  const hash = createHash('sha256').update('lovelace').digest('hex');
  writeFileSync(path('users'), `ada:${hash}\n`);
  const port = await freePort();
  const guarded = spawnDaemon('mesos-master', port, [
    ...[
      '--ip=127.0.0.1',
      `--port=${port}`,
      '--registry=in_memory',
      `--work_dir=${path('guarded')}`,
    ],
    manifest('guarded.json', {
      'file-authenticator.ts': { org_example_FileAuthenticator: { file: path('users') } },
    }),
    '--http_authenticators=org_example_FileAuthenticator',
    '--authenticate_http_readonly',
  ]);
  try {
    const ask = async (authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await request(`http://127.0.0.1:${port}/state`, { headers });
      await answer.body.dump();
      return answer.statusCode;
    };
    // Before it is a master it has no such path.
    const isUp = () =>
      ask().then(
        (status) => status !== 404,
        () => false,
      );
    await waitFor('it answers', isUp, guarded);
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
    const statuses = [await ask(), await ask(basic('ada:guess')), await ask(basic('ada:lovelace'))];
    expect(statuses).toEqual([401, 401, 200]);
  } finally {
    await guarded.kill();
  }
});

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`no ${name} on this machine: the allocator in Python is not run\n`);
    return false;
  }
}

test.runIf(hasProgram('python3'))(
  'an external allocator in Python offers what a task then runs on',
  async () => {
    const outside = await cluster.startMaster(
      '--registry=in_memory',
      '--allocation_interval=100ms',
      `--modules=file://${join(examples, 'python/manifest.json')}`,
      '--allocator=ExternalAllocatorModule',
    );
    await cluster.startAgent({ master: outside, name: 'outside-agent' });
    const other = await subscribe(outside.port);
    await other.launch({ id: 'task', command: 'true' });
    await other.status('task', 'TASK_FINISHED');
    other.close();
  },
);
