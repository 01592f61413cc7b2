// Candidates beside what acts, an authorizer that lives elsewhere, and recordings that are played
// again: as an operator and a stranger with a recording use them.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, createCluster, type Daemon, getJson } from '../../harness/cluster.ts';
import { type Framework, subscribe } from '../../harness/framework.ts';
import { waitFor } from '../../harness/wait.ts';
import { faultyModules } from './faulty/library.ts';

const execute = promisify(execFile);

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;
const path = (name: string) => join(cluster.folder, name);

const modules = () => `
import fs from 'node:fs';
import { defineModule, param } from '@mesita/sdk/module';

/** Says no about tasks of these names, and nothing about tasks as such. */
export const rules = defineModule({
  kind: 'Authorizer',
  name: 'Rules',
  parameters: { forbidden: param.string({ default: '' }), hidden: param.string({ default: '' }) },
  create(_context, { forbidden, hidden }) {
    const mayRun = (object) => object !== undefined && object.taskInfo?.name !== forbidden;
    const maySee = (object) => object !== undefined && (object.task ?? object.taskInfo)?.name !== hidden;
    const decide = (action, object) =>
      action === 'RUN_TASK' ? mayRun(object) : action === 'VIEW_TASK' ? maySee(object) : true;
    return {
      authorized: (_subject, action, object) => decide(action, object),
      approver: (_subject, action) => (object) => decide(action, object),
    };
  },
});

/** Offers nothing to anybody. */
export const stingy = defineModule({
  kind: 'Allocator',
  name: 'Stingy',
  create: () => ({ initialize() {} }),
});

/** Kills the executor that a file names. */
export const killer = defineModule({
  kind: 'QoSController',
  name: 'Killer',
  parameters: { file: param.path({ required: true }), after: param.path() },
  create({ name, workDir }, { file, after }) {
    let usage;
    const done = new Set();
    return {
      initialize(given) { usage = given; },
      async corrections() {
        for (;;) {
          const victim = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
          const { executors = [] } = await usage();
          for (const { executorInfo: { executorId, frameworkId } } of executors) {
            if (executorId.value !== victim || done.has(victim)) continue;
            fs.writeFileSync(workDir + '/seen-by-' + name, '');
            if (after !== undefined && !fs.existsSync(after)) continue;
            done.add(victim);
            return [{ type: 'KILL', kill: { executorId, frameworkId } }];
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
    };
  },
});

export const journal = defineModule({
  kind: 'Isolator',
  name: 'Journal',
  parameters: { token: param.secret() },
  create: ({ containers }) => ({
    async prepare(id, { taskInfo }) {
      await containers.set(id, taskInfo?.name);
      return { environment: { variables: [{ name: 'NAME', type: 'VALUE', value: taskInfo?.name }] } };
    },
    async cleanup() {},
  }),
});
`;

const pairs = (parameters: Readonly<Record<string, string>>) =>
  Object.entries(parameters).map(([key, value]) => ({ key, value }));

beforeAll(async () => {
  cluster = createCluster();
  writeFileSync(path('modules.mjs'), modules());
  writeFileSync(path('well.mjs'), faultyModules(cluster.folder));
  const own = (...listed: object[]) => ({ file: path('modules.mjs'), modules: listed });
  const rules = { forbidden: 'forbidden', hidden: 'hidden' };
  const manifest = (...libraries: object[]) => `--modules=${JSON.stringify({ libraries })}`;
  master = await cluster.startMaster(
    ...['--registry=in_memory', '--allocation_interval=50ms'],
    `--record_modules=${path('of-master')}`,
    manifest(
      own(
        { name: 'Rules', as: 'rules', home: 'worker', parameters: pairs(rules) },
        { name: 'Rules', as: 'stricter', parameters: pairs({ ...rules, forbidden: 'first' }) },
        { name: 'Stingy' },
      ),
      { file: path('well.mjs'), modules: { name: 'FaultyAllocator', as: 'whole' } },
    ),
    '--authorizers=rules',
  );
  // Whoever is killed is not seen any more: the one that acts waits for the other.
  const sameSaw = path('agent/work/seen-by-same');
  agent = await cluster.startAgent(
    { master },
    `--record_modules=${path('of-agent')}`,
    manifest(
      own(
        {
          name: 'Killer',
          as: 'killer',
          parameters: pairs({ file: path('victim'), after: sameSaw }),
        },
        { name: 'Killer', as: 'same', parameters: pairs({ file: path('victim') }) },
        { name: 'Killer', as: 'other', parameters: pairs({ file: path('bystander') }) },
        { name: 'Journal', parameters: pairs({ token: 'hunter2' }) },
      ),
    ),
    '--qos_controller=killer',
    '--isolation=posix/cpu,posix/mem,Journal',
  );
  for (const [name, of] of [
    ['whole', 'hierarchical'],
    ['Stingy', 'hierarchical'],
    ['stricter', 'rules'],
  ]) {
    expect(await operate(master, { action: 'shadow', name, of })).toBe(200);
  }
  for (const name of ['same', 'other']) {
    expect(await operate(agent, { action: 'shadow', name, of: 'killer' })).toBe(200);
  }
  framework = await subscribe(master.port);
});
afterAll(async () => {
  framework?.close();
  await cluster.stop();
});

async function operate({ port }: Daemon, body: object): Promise<number> {
  const answer = await request(`http://127.0.0.1:${port}/modules`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(text);
  return answer.statusCode;
}

interface Shadowed {
  readonly equal: number;
  readonly different: number;
  readonly differences: readonly object[];
}

async function shadow({ port }: Daemon, name: string): Promise<Shadowed> {
  return ((await getJson(port, `/modules?name=${name}`)) as { shadow: Shadowed }).shadow;
}

test('an authorizer elsewhere decides about tasks it never saw as it does about all', async () => {
  for (const id of ['first', 'hidden']) {
    await framework.launch({ id, command: 'sleep 1000' });
    await framework.status(id, 'TASK_RUNNING');
  }
  await framework.launch({ id: 'forbidden', command: 'sleep 1000' });
  expect(await framework.status('forbidden', 'TASK_ERROR')).toMatchObject({
    reason: 'REASON_TASK_UNAUTHORIZED',
  });
  const { tasks } = (await getJson(master.port, '/tasks')) as { tasks: { name: string }[] };
  expect(tasks.map(({ name }) => name)).toEqual(['first']);
});

test('a shadow of an authorizer is asked the same, and what it says has no effect', async () => {
  const { equal, differences } = await shadow(master, 'stricter');
  expect(equal).toBeGreaterThan(0);
  expect(differences).toContainEqual(
    expect.objectContaining({ subject: 'nobody RUN_TASK', acting: true, candidate: false }),
  );
  expect(framework.states('first').at(-1)).toBe('TASK_RUNNING');
});

test('shadows of the built-in allocator offer what it offers, or do not', async () => {
  await waitFor('the whole one to agree', async () => (await shadow(master, 'whole')).equal > 0);
  await waitFor('the stingy one to differ', async () => {
    return (await shadow(master, 'Stingy')).different > 0;
  });
  const { equal, differences } = await shadow(master, 'Stingy');
  expect([equal, differences[0]]).toEqual([
    0,
    expect.objectContaining({
      subject: expect.stringMatching(`^${framework.id} on `),
      acting: expect.stringMatching(`^${framework.id} as \\*: .*cpus:`),
      candidate: null,
    }),
  ]);
});

test('a shadow of a QoS controller kills nobody', async () => {
  await framework.launch({ id: 'victim', command: 'sleep 1000' });
  await framework.status('victim', 'TASK_RUNNING');
  writeFileSync(path('bystander'), 'first');
  writeFileSync(path('victim'), 'victim');
  await framework.waitFor('the victim to be killed', () =>
    framework.states('victim').some((state) => /FAILED|KILLED|GONE/.test(state)),
  );
  await waitFor('the same one to agree', async () => (await shadow(agent, 'same')).equal === 1);
  await waitFor(
    'the other one to differ',
    async () => (await shadow(agent, 'other')).different > 1,
  );
  const { equal, differences } = await shadow(agent, 'other');
  const subjects = (differences as { subject: string }[]).map(({ subject }) => subject);
  expect([equal, ...subjects.sort()]).toEqual([
    0,
    `KILL first of ${framework.id}`,
    `KILL victim of ${framework.id}`,
  ]);
  expect(framework.states('first').at(-1)).toBe('TASK_RUNNING');
});

async function mesita(...args: string[]): Promise<{ status: number; output: string }> {
  const command = [join(import.meta.dirname, '../../../dist/mesita.js'), ...args];
  const env = { ...process.env, NO_COLOR: '1' };
  try {
    const { stdout } = await execute(process.execPath, command, { cwd: cluster.folder, env });
    return { status: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, output: stdout + stderr };
  }
}

test('what was recorded is played again, and what another version does otherwise is told', async () => {
  await agent.kill('SIGTERM');
  const file = 'of-agent/Journal.jsonl';
  const text = readFileSync(path(file), 'utf8');
  expect(text).not.toMatch(/hunter2/);
  expect(readdirSync(path('of-agent'))).toContain('killer.jsonl');

  const replay = (...more: string[]) => mesita('modules', 'replay', file, ...more);
  const named = '--name=Journal';
  const same = await replay('--module=modules.mjs', named);
  expect(same).toEqual({
    status: 0,
    output: expect.stringMatching(/^[1-9]\d* calls, [1-9]\d* answers equal, 0 different\n$/),
  });

  writeFileSync(path('next.mjs'), modules().replace("name: 'NAME'", "name: 'TASK'"));
  const other = await replay('--module=next.mjs', named);
  expect(other.status).toBe(1);
  expect(other.output).toMatch(/^✗ of-agent\/Journal\.jsonl:\d+ prepare$/m);
  expect(other.output).toMatch(/^ +recorded {2}.*"NAME".*\n +now {7}.*"TASK"/m);

  writeFileSync(path('torn.jsonl'), `${text.split('\n')[0]}\n{"at":`);
  const refused = async (...args: string[]) => {
    const { status, output } = await mesita('modules', 'replay', ...args);
    return [status, output.split('\n')[0]];
  };
  expect([
    await refused('torn.jsonl', '--module=modules.mjs', named),
    await refused('no-such-file', '--module=modules.mjs', named),
    await refused(file, '--module=no-such-file.mjs'),
    await refused(file, '--module=modules.mjs', '--name=Killer'),
    await refused(file),
  ]).toEqual([
    [1, expect.stringContaining('torn.jsonl:2: no line of a recording')],
    [1, expect.stringContaining('no-such-file')],
    [1, expect.stringContaining('no-such-file.mjs')],
    [1, expect.stringContaining('line 1: recorded of kind Isolator, replayed as QoSController')],
    [1, expect.stringContaining('--module')],
  ]);
});
