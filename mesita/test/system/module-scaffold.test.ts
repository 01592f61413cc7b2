// From nothing to a module that a daemon runs, as its author does it: with the packed SDK.
import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson } from '../harness/cluster.ts';
import { subscribe } from '../harness/framework.ts';
import { sandboxPath, waitForFile } from '../harness/sandbox.ts';

const repository = join(import.meta.dirname, '../../..');
const execute = promisify(execFile);

let cluster: Cluster;
let sdk: string;
const path = (...names: string[]) => join(cluster.folder, ...names);

async function mesita(...args: string[]): Promise<{ status: number; output: string }> {
  const command = [join(repository, 'mesita/dist/mesita.js'), ...args];
  const env = { ...process.env, NO_COLOR: '1' };
  try {
    const { stdout } = await execute(process.execPath, command, { cwd: cluster.folder, env });
    return { status: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, output: stdout + stderr };
  }
}

beforeAll(async () => {
  cluster = createCluster();
  const pack = ['pack', '--silent', '--pack-destination', cluster.folder];
  const { stdout } = await execute('npm', pack, { cwd: join(repository, 'sdk') });
  sdk = `--sdk=file:${path(stdout.trim())}`;
});
afterAll(() => cluster.stop());

test('an isolator and a hook are begun, tested, loaded and reloaded', async () => {
  await mesita('modules', 'init', 'isolator', 'my-isolator', sdk);
  await mesita('modules', 'init', 'hook', 'my_hook', sdk);
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--silent'];
  await execute('npm', install, { cwd: path('my-isolator') });
  const tested = await execute('npm', ['test', '--silent'], { cwd: path('my-isolator') });
  expect(tested.stdout).toContain('# fail 0');
  expect(tested.stdout).toMatch(/# SKIP it does not watch/);
  expect(await mesita('modules', 'validate', 'my-isolator/manifest.json')).toMatchObject({
    status: 0,
    output: expect.stringMatching(/^my-isolator +Isolator +daemon/m),
  });

  const master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
  const manifest = path('both.json');
  const library = (name: string) => ({ file: path(name, `${name}.ts`), modules: { name } });
  writeFileSync(manifest, JSON.stringify({ libraries: ['my-isolator', 'my_hook'].map(library) }));
  const agent: Daemon = await cluster.startAgent(
    { master },
    `--modules=file://${manifest}`,
    '--isolation=posix/cpu,posix/mem,my-isolator',
    '--hooks=my_hook',
  );
  const framework = await subscribe(master.port);
  await framework.launch({ id: 'first', command: 'echo $GREETING > greeting; sleep 1000' });
  expect(await framework.status('first', 'TASK_RUNNING')).toMatchObject({ state: 'TASK_RUNNING' });
  await waitForFile(agent.port, sandboxPath(framework.id, 'first', 'greeting'), 'hello\n');

  const where = `--agent=127.0.0.1:${agent.port}`;
  expect((await mesita('modules', 'list', where)).output).toMatch(
    /^my_hook +Hook +daemon +running/m,
  );
  expect((await mesita('modules', 'inspect', 'my-isolator', where)).output).toMatch(
    /^ *prepare +1 +0 +0 /m,
  );
  const file = path('my_hook', 'my_hook.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace("key: 'greeting'", "key: 'farewell'"));
  expect(await mesita('modules', 'reload', 'my_hook', where)).toEqual({
    status: 0,
    output: 'my_hook was reloaded\n',
  });
  await framework.launch({ id: 'second', command: 'sleep 1000' });
  await framework.status('second', 'TASK_RUNNING');
  const state = JSON.stringify(await getJson(agent.port, '/state'));
  expect(state).toContain('{"key":"farewell","value":"hello"}');
  framework.close();
});

test('what fails is told as a story, with status 1', async () => {
  await mesita('modules', 'init', 'isolator', 'careless', sdk);
  const file = path('careless', 'careless.ts');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('async cleanup(id) {', 'async cleanup(id) { this.once(id);'));
  appendFileSync(file, '// The method `once` is missing.\n');
  const { status, output } = await mesita('modules', 'test', 'careless/careless.ts');
  expect(status).toBe(1);
  expect(output.split('\n').filter((line) => /cleanup may come twice$/.test(line))).toEqual([
    '  ✗ cleanup may come twice',
  ]);
  expect(output).toContain('when      cleanup is called');
  expect(output).toMatch(/^ {2}- .* \(it does not watch\)$/m);
  expect(output).toMatch(/^\d+ passed, \d+ failed, [1-9]\d* skipped$/m);
  expect(output).toContain('got       TypeError: this.once is not a function');
});

test('bad words are told in a line', async () => {
  const refused = async (...args: string[]) => {
    const { status, output } = await mesita('modules', ...args);
    return [status, output.split('\n')[0]];
  };
  expect([
    await refused('init', 'gadget', 'x'),
    await refused('init', 'hook', '../x'),
    await refused('test', 'no-such-file.ts'),
    await refused('list'),
  ]).toEqual([
    [1, "mesita: there is no kind 'gadget'"],
    [1, "mesita: '../x' is no name"],
    [1, expect.stringContaining("Could not load library 'no-such-file.ts'")],
    [1, 'mesita: which daemon?'],
  ]);
});
