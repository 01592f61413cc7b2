// The commands that ask daemons, on a cluster that wants to know who asks.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeLauncherPath } from '../../src/linux/launcher/native-path.ts';
import { type Cluster, createCluster, type Daemon, waitFor } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';

const mesita = join(import.meta.dirname, '../../dist/mesita.js');
const isCompiled = nativeLauncherPath(undefined) !== undefined;

/** May do everything. */
const ann = { principal: 'ann', secret: 's3cret-of-ann' };
/** May look at what a terminal shows, and at nothing else of a task. */
const bob = { principal: 'bob', secret: 's3cret-of-bob' };
/** The agent does not know him. */
const carl = { principal: 'carl', secret: 's3cret-of-carl' };
const secrets = [ann, bob, carl].flatMap(({ principal, secret }) => [
  secret,
  Buffer.from(`${principal}:${secret}`).toString('base64'),
]);

const forbidden = { principals: { values: ['bob'] }, users: { type: 'NONE' } };
const acls = {
  access_sandboxes: [forbidden],
  attach_containers_input: [forbidden],
  launch_nested_container_sessions_under_parent_with_user: [forbidden],
};

let cluster: Cluster;
let master: Daemon;
let agent: Daemon;
let framework: Framework;
/** Everything that any command has printed. */
const printed: string[] = [];

function write(name: string, content: object): string {
  const path = join(cluster.folder, name);
  writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
  return path;
}

beforeAll(async () => {
  cluster = createCluster();
  const authentication = ['--authenticate_http_readonly', '--authenticate_http_readwrite'];
  master = await cluster.startMaster(
    ...['--registry=in_memory', '--allocation_interval=100ms', ...authentication],
    `--credentials=${write('all', { credentials: [ann, bob, carl] })}`,
  );
  agent = await cluster.spawnAgent(
    { master },
    ...authentication,
    `--http_credentials=file://${write('some', { credentials: [ann, bob] })}`,
    `--acls=${JSON.stringify(acls)}`,
  );
  for (const who of [ann, bob, carl]) write(who.principal, who);
  framework = await subscribe(master.port);
  const command = 'echo begun; while [ ! -e stop ]; do sleep 0.1; done; echo over; exit 5';
  await framework.launch({ id: 'plain', command });
  await framework.status('plain', 'TASK_RUNNING');
});
afterAll(async () => {
  framework?.close();
  await cluster?.stop();
});

interface Running {
  readonly child: ChildProcess;
  output(): string;
  errors(): string;
  readonly status: Promise<number | null>;
}

function run(args: readonly string[], variable?: string): Running {
  const { MESITA_CREDENTIAL: _, ...env } = process.env;
  const more = variable === undefined ? {} : { MESITA_CREDENTIAL: variable };
  const child = spawn(process.execPath, [mesita, ...args], { env: { ...env, ...more } });
  const texts = { output: '', errors: '' };
  child.stdout.on('data', (data) => (texts.output += data));
  child.stderr.on('data', (data) => (texts.errors += data));
  const status = new Promise<number | null>((resolve) => child.once('close', resolve));
  void status.then(() => printed.push(texts.output, texts.errors));
  return { child, output: () => texts.output, errors: () => texts.errors, status };
}

const credential = (name: string) => `--credential=${join(cluster.folder, name)}`;
const at = (daemon: Daemon) => `127.0.0.1:${daemon.port}`;
/** A command's name, whom it asks and as whom. */
const as = (who: string | undefined, name: string, ...rest: string[]) => [
  ...name.split(' '),
  `--master=${at(master)}`,
  ...(who === undefined ? [] : [credential(who)]),
  ...rest,
];

const everyCommand: [string, ...string[]][] = [
  ['exec', 'plain', 'true'],
  ['attach', 'plain'],
  ['logs', 'plain'],
  ['logs', '-f', 'plain'],
  ['explain'],
  ['modules list'],
];

describe('without a good credential', () => {
  test.each(everyCommand.map((words) => ({ words })))(
    '$words is refused in one line',
    async ({ words: [name, ...rest] }) => {
      const refusal = async (who: string | undefined) => {
        const refused = run(as(who, name, ...rest));
        return [await refused.status, refused.output(), refused.errors()];
      };
      write('guess', { ...ann, secret: 'guess' });
      const daemon = `mesita: the master at ${at(master)}`;
      expect(await refusal(undefined)).toEqual([
        1,
        '',
        `${daemon} does not know you: give --credential\n`,
      ]);
      expect(await refusal('guess')).toEqual([
        1,
        '',
        `${daemon} does not know 'ann' with this secret: see --credential\n`,
      ]);
      const [status, , errors] = await refusal('nowhere');
      expect([status, errors]).toEqual([
        1,
        expect.stringMatching(
          /^mesita: Failed to read credential file '.*\/nowhere': No such file or directory/,
        ),
      ]);
    },
  );

  test('the agent asks for itself, and says whom it does not know', async () => {
    const logs = run(as('carl', 'logs', 'plain'));
    expect([await logs.status, logs.errors()]).toEqual([
      1,
      `mesita: the agent at ${at(agent)} does not know 'carl' with this secret: see --credential\n`,
    ]);
    const modules = run(['modules', 'list', `--agent=${at(agent)}`]);
    expect([await modules.status, modules.errors()]).toEqual([
      1,
      `mesita: the agent at ${at(agent)} does not know you: give --credential\n`,
    ]);
  });
});

test('explain and modules ask master and agent', async () => {
  const explain = run(as('ann', 'explain'));
  expect([await explain.status, explain.output()]).toEqual([
    0,
    expect.stringContaining(framework.id),
  ]);
  const modules = run(as('ann', 'modules list'));
  expect([await modules.status, modules.errors()]).toEqual([0, '']);
  const inspected = run(['modules', 'list', `--agent=${at(agent)}`, credential('ann')]);
  expect([await inspected.status, inspected.errors()]).toEqual([0, '']);
});

describe.skipIf(!isCompiled)('with the compiled launcher', () => {
  test('exec runs a command, and types into it', async () => {
    const done = run(as('ann', 'exec', 'plain', 'sh', '-c', 'cat stdout; echo oops >&2; exit 7'));
    expect([await done.status, done.output(), done.errors()]).toEqual([7, 'begun\n', 'oops\n']);
    const cat = run(as('ann', 'exec', '-i', 'plain', 'wc', '-c'));
    cat.child.stdin?.end(Buffer.alloc(100_000, 'x'));
    expect([await cat.status, cat.output().trim()]).toEqual([0, '100000']);
  });

  test('who may not is named', async () => {
    const refusal = `mesita: the agent at ${at(agent)} does not let 'bob' do this\n`;
    for (const command of [
      ['exec', 'plain', 'true'],
      ['logs', 'plain'],
    ] as const) {
      const [name, ...rest] = command;
      const refused = run(as('bob', name, ...rest));
      expect([await refused.status, refused.output(), refused.errors()]).toEqual([1, '', refusal]);
    }
  });

  test('attach shows a terminal and types into it, for who may', async () => {
    const command =
      'stty -echo; while [ ! -e go ]; do echo ready; sleep 0.1; done; read word; echo "got $word"; exit 6';
    await framework.launch({
      id: 'tty',
      command,
      more: { container: { type: 'MESOS', tty_info: {} } },
    });
    await framework.status('tty', 'TASK_RUNNING');
    const looking = run(as('bob', 'attach', '--no-stdin', 'tty'));
    await waitFor('what is looked at', () => looking.output().includes('ready'));
    const typing = run(as('bob', 'attach', 'tty'));
    expect([await typing.status, typing.errors()]).toEqual([
      1,
      `mesita: the agent at ${at(agent)} does not let 'bob' do this\n`,
    ]);
    const attached = run(as('ann', 'attach', 'tty'));
    await waitFor('what is attached to', () => attached.output().includes('ready'));
    expect(await run(as('ann', 'exec', 'tty', 'touch', 'go')).status).toBe(0);
    attached.child.stdin?.write('hello\n');
    expect(await attached.status).toBe(6);
    expect(attached.output()).toContain('got hello');
    await looking.status;
  });

  test('logs -f follows to the end; a variable names the file', async () => {
    const file = join(cluster.folder, 'ann');
    const following = run(as(undefined, 'logs', '-f', 'plain'), `file://${file}`);
    await waitFor('the first line', () => following.output().includes('begun'));
    const stop = run(as(undefined, 'exec', 'plain', 'touch', 'stop'), file);
    expect(await stop.status).toBe(0);
    expect(await following.status).toBe(0);
    expect(following.output()).toBe('begun\nover\n');
  });
});

describe('execute', () => {
  // The other framework holds all offers until it is gone.
  beforeAll(() => framework.close());

  test('runs all the same, and says why it shows nothing', async () => {
    const flags = ['--name=dark', '--command=echo seen; exit 3'];
    const dark = run(as(undefined, 'execute', ...flags));
    expect([await dark.status, dark.output()]).toEqual([3, '']);
    expect(dark.errors()).toContain(
      `\nthe agent at ${at(agent)} does not know you: give --credential\n`,
    );
  });

  test('shows the output of who is known', async () => {
    const flags = [`--master=${at(master)}`, '--name=lit', '--command=echo seen; exit 3'];
    const lit = run(['execute', ...flags, credential('ann')]);
    expect([await lit.status, lit.output()]).toEqual([3, 'seen\n']);
    const again = run(['execute', ...flags], join(cluster.folder, 'ann'));
    expect([await again.status, again.output()]).toEqual([3, 'seen\n']);
    const both = run(['execute', ...flags, credential('ann'), '--principal=bob']);
    expect([await both.status, both.errors()]).toEqual([
      1,
      expect.stringContaining('Only one of --credential or --principal'),
    ]);
  });
});

test('nothing printed a secret', () => {
  const everything = [...printed, master.output(), agent.output()].join('\n');
  expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
});
