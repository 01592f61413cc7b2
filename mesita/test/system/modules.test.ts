// Modules through the daemons' own flags, seen from outside.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Cluster,
  createCluster,
  type Daemon,
  directories,
  getJson,
  spawnDaemon,
} from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';
import { sandboxPath, waitForFile } from '../harness/sandbox.ts';

const examples = join(import.meta.dirname, '../../../examples/modules');

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;

/** One manifest with all that this agent loads. */
function writeManifest(): string {
  const path = join(cluster.folder, 'modules.json');
  const library = (file: string, ...modules: readonly object[]) => ({
    file: join(examples, file),
    modules,
  });
  const libraries = [
    library('test-task-hook.ts', { name: 'TestTaskHook' }),
    library('journal-isolator.ts', { name: 'org_example_Journal' }),
    library('hello.ts', { name: 'org_example_Hello' }),
  ];
  writeFileSync(path, JSON.stringify({ libraries }));
  return path;
}

beforeAll(async () => {
  cluster = createCluster();
  master = await cluster.startMaster(
    '--registry=in_memory',
    '--allocation_interval=100ms',
    `--modules=file://${join(examples, 'hello.json')}`,
  );
  agent = await cluster.startAgent(
    { master },
    `--modules=file://${writeManifest()}`,
    '--hooks=TestTaskHook',
    '--isolation=posix/cpu,posix/mem,org_example_Journal',
  );
  framework = await subscribe(master.port);
});
afterAll(() => cluster.stop());

test('§4.Hook §4.Isolator a hook labels tasks and updates, and an isolator keeps its journal', async () => {
  const offer = await framework.launch({
    id: 'hooked',
    command: 'echo "$HOOKED_BY $JOURNAL" > said; cat journal > seen; sleep 1000',
  });
  const running = (await framework.status('hooked', 'TASK_RUNNING')) as {
    labels?: { labels: readonly object[] };
  };
  expect(running.labels?.labels).toEqual([{ key: 'hooked-by', value: 'TestTaskHook' }]);
  expect(offer.agent_id.value).toBeTruthy();
  const path = (file: string) => sandboxPath(framework.id, 'hooked', file);
  await waitForFile(agent.port, path('said'), 'TestTaskHook journal\n');
  const metrics = (await getJson(agent.port, '/metrics/snapshot')) as Record<string, number>;
  expect([
    metrics['modules/TestTaskHook/tasks'],
    metrics['modules/TestTaskHook/hook_failures'],
    metrics['modules/org_example_Journal/containers'],
  ]).toEqual([1, 0, 1]);
  const state = (await getJson(agent.port, '/state')) as {
    frameworks: { executors: { tasks: { labels: object[] }[] }[] }[];
  };
  expect(state.frameworks[0]?.executors[0]?.tasks[0]?.labels).toEqual([
    { key: 'hooked-by', value: 'TestTaskHook' },
  ]);
  await framework.call({ type: 'KILL', kill: { task_id: { value: 'hooked' } } });
  await framework.status('hooked', 'TASK_KILLED');
});

test('instances of one module answer side by side', async () => {
  const ask = async (path: string) => ((await getJson(master.port, path)) as { text: string }).text;
  expect([
    await ask('/modules/org_example_Hello/hello'),
    await ask('/modules/bonjour/hello/Ada'),
  ]).toEqual(['Hello, world!', 'Bonjour, Ada!']);
  const metrics = (await getJson(master.port, '/metrics/snapshot')) as Record<string, number>;
  expect(metrics['modules/bonjour/greeted']).toBe(1);
});

test('what is wrong with modules is told in one line, before anything is touched', async () => {
  const broken = join(cluster.folder, 'broken.ts');
  writeFileSync(broken, 'export default {\n  kind = 3,\n};\n');
  const modules = `--modules={"libraries":{"file":"${broken}","modules":{"name":"X"}}}`;
  const refuse = async (...flags: string[]) => {
    const home = join(cluster.folder, 'refused');
    const daemon = spawnDaemon('mesos-agent', 0, [
      ...['--ip=127.0.0.1', '--port=0', '--master=127.0.0.1:1', '--quiet'],
      ...directories(home),
      ...flags,
    ]);
    const status = await daemon.exited;
    const output = daemon.output().replaceAll(cluster.folder, '<folder>');
    const hasState = existsSync(home);
    return [status, hasState, output.replaceAll(examples, '<examples>').trim()];
  };
  const hook = `--modules=file://${join(examples, 'test-task-hook.json')}`;
  expect([
    await refuse(modules),
    await refuse(hook, '--isolation=TestTaskHook'),
    await refuse(hook, '--hooks=TestTaskHook,nosuch'),
  ]).toEqual([
    [
      1,
      false,
      "mesos-agent: Error loading modules: Error opening library: '<folder>/broken.ts': Could not load library '<folder>/broken.ts': <folder>/broken.ts:2:7: syntax error: Invalid shorthand property initializer",
    ],
    [
      1,
      false,
      "mesos-agent: Failed to create a containerizer: Could not create MesosContainerizer: Failed to create isolator 'TestTaskHook': Error creating module instance for 'TestTaskHook': module is of kind 'Hook', but the requested kind is 'Isolator' (<examples>/test-task-hook.ts)",
    ],
    [1, false, "mesos-agent: Error installing hooks: No hook module named 'nosuch' available"],
  ]);
});

const others = `
import { defineModule, param } from '@mesita/sdk/module';

export const detector = defineModule({
  kind: 'MasterDetector',
  name: 'Detector',
  parameters: { port: param.int({ required: true }) },
  create: (_context, { port }) => ({
    async detect(previous, signal) {
      if (previous) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      const pid = 'master@127.0.0.1:' + port;
      return { id: 'm', ip: 0, port, pid, hostname: 'localhost' };
    },
  }),
});

export const resolver = defineModule({
  kind: 'SecretResolver',
  name: 'Resolver',
  create: () => ({
    resolve: async ({ reference }) => new TextEncoder().encode('the secret ' + reference.name),
  }),
});

export const allocator = defineModule({
  kind: 'Allocator',
  name: 'Nobody',
  create({ log }) {
    const calls: string[] = [];
    return new Proxy({}, {
      get: (_, method) => method === 'then' ? undefined : (...args: unknown[]) => {
        if (method === 'addAgent') log.info('the allocator of others knows an agent');
        return method === 'metrics' ? new Map([['allocator/others/calls', calls.push('')]]) : undefined;
      },
    }) as never;
  },
});
`;

test('§4.Allocator §5.Allocator §4.MasterDetector §4.SecretResolver detector, secret resolver and allocator may be modules', async () => {
  const file = join(cluster.folder, 'others.mts');
  writeFileSync(file, others);
  const manifest = (...modules: readonly object[]) =>
    `--modules=${JSON.stringify({ libraries: { file, modules } })}`;
  const quiet = await cluster.startMaster(
    '--registry=in_memory',
    manifest({ name: 'Nobody' }),
    '--allocator=Nobody',
  );
  const port = { key: 'port', value: String(master.port) };
  const second = spawnDaemon('mesos-agent', 0, [
    ...['--ip=127.0.0.1', '--port=0', '--hostname=second', '--resources=cpus:9;mem:512'],
    ...directories(join(cluster.folder, 'second')),
    manifest({ name: 'Detector', parameters: [port] }, { name: 'Resolver' }),
    '--master_detector=Detector',
    '--secret_resolver=Resolver',
  ]);
  try {
    await cluster.startAgent({ master: quiet, name: 'quiet' });
    await quiet.says('the allocator of others knows an agent');

    const offer = await framework.offer(undefined, 9);
    const secret = { type: 'REFERENCE', reference: { name: 'of Ada' } };
    const environment = { variables: [{ name: 'SECRET', type: 'SECRET', secret }] };
    const value = 'test "$SECRET" = "the secret of Ada"';
    await framework.accept(offer, [{ id: 'secret', more: { command: { value, environment } } }]);
    const { message } = await framework.status('secret', 'TASK_FINISHED');
    expect(message).toBe('Command exited with status 0');
  } finally {
    await second.kill();
  }
});
