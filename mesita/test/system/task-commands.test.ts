// `mesita exec`, `attach` and `logs`, against a real cluster, through a real terminal.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeLauncherPath } from '../../src/linux/launcher/native-path.ts';
import { type Cluster, createCluster, type Daemon, freePort, waitFor } from '../harness/cluster.ts';
import { type Framework, subscribe } from '../harness/framework.ts';

const mesita = join(import.meta.dirname, '../../dist/mesita.js');
const isCompiled = nativeLauncherPath(undefined) !== undefined;
const hasScript = spawnSync('script', ['--version']).status === 0;

describe.skipIf(!isCompiled)('with the compiled launcher', () => {
  let cluster: Cluster;
  let master: Daemon;
  let framework: Framework;

  beforeAll(async () => {
    cluster = createCluster();
    master = await cluster.startMaster('--registry=in_memory', '--allocation_interval=100ms');
    await cluster.startAgent({ master });
    framework = await subscribe(master.port);
    const command =
      'echo begun; echo bad >&2; while [ ! -e stop ]; do sleep 0.1; done; echo over; exit 5';
    await framework.launch({ id: 'plain', command });
    await framework.status('plain', 'TASK_RUNNING');
  });
  afterAll(async () => {
    framework?.close();
    await cluster?.stop();
  });

  const line = (name: string, ...args: string[]) => [
    mesita,
    name,
    `--master=127.0.0.1:${master.port}`,
    ...args,
  ];

  interface Running {
    readonly child: ChildProcess;
    output(): string;
    errors(): string;
    readonly status: Promise<number | null>;
  }

  function start(program: string, args: readonly string[]): Running {
    const child = spawn(program, args, { env: { ...process.env, TERM: 'xterm' } });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (errors += data));
    const status = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, output: () => output, errors: () => errors, status };
  }

  const run = (name: string, ...args: string[]) => start(process.execPath, line(name, ...args));

  /** In a terminal, whose settings it must leave as they were. */
  function inTerminal(name: string, ...args: string[]): Running {
    const command = [process.execPath, ...line(name, ...args)].map((word) => `'${word}'`).join(' ');
    const script = `b=$(stty -g); ${command}; s=$?; [ "$b" = "$(stty -g)" ] && echo RESTORED $s`;
    return start('script', ['-qec', script, '/dev/null']);
  }

  const shows = (running: Running, text: string) =>
    waitFor(`'${text}' in ${running.output()}`, () => running.output().includes(text));

  test('exec gives both streams and the status of the command, and sees the sandbox', async () => {
    const done = run('exec', 'plain', 'sh', '-c', 'cat stdout; echo oops >&2; exit 7');
    expect(await done.status).toBe(7);
    expect([done.output(), done.errors()]).toEqual(['begun\n', 'oops\n']);
    const killed = run('exec', 'plain', 'sh', '-c', 'kill -9 $$');
    expect(await killed.status).toBe(137);
  });

  test('exec -i passes on what it reads, to the end', async () => {
    const cat = run('exec', '-i', 'plain', 'wc', '-c');
    cat.child.stdin?.end(Buffer.alloc(300_000, 'x'));
    expect(await cat.status).toBe(0);
    expect(cat.output().trim()).toBe('300000');
  });

  describe.skipIf(!hasScript)('in a terminal', () => {
    test('exec -it is a shell, and leaves the terminal as it was', async () => {
      const shell = inTerminal('exec', '-it', 'plain', 'sh');
      shell.child.stdin?.write('tty && echo "has"-terminal\n');
      await shows(shell, 'has-terminal');
      shell.child.stdin?.write('sleep 600\n');
      await shows(shell, 'sleep 600');
      shell.child.stdin?.write('\x03');
      shell.child.stdin?.write('exit 9\n');
      await shows(shell, 'RESTORED 9');
      await shell.status;
    });

    test('the terminal is restored when we are ended, or the agent is', async () => {
      const shell = inTerminal('exec', '-it', 'plain', 'sh', '-c', 'echo pid $PPID-; sleep 600');
      await shows(shell, 'pid');
      // Ours is the process that runs the command's name.
      const ps = spawnSync('pgrep', ['-f', `${mesita} exec --master=127.0.0.1:${master.port} -it`]);
      const pids = String(ps.stdout)
        .trim()
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 0);
      for (const pid of pids) {
        const command = String(spawnSync('ps', ['-o', 'comm=', '-p', String(pid)]).stdout).trim();
        if (command === 'node') process.kill(pid, 'SIGTERM');
      }
      await shows(shell, 'RESTORED 143');
      await shell.status;
    });

    test('attach shows a task’s terminal and types into it', async () => {
      const more = { container: { type: 'MESOS', tty_info: {} } };
      // Attached is told nothing of what was printed before.
      const command =
        'stty -echo; while [ ! -e go ]; do echo ready; sleep 0.1; done; read word; echo "got $word"; exit 6';
      await framework.launch({ id: 'tty', command, more });
      await framework.status('tty', 'TASK_RUNNING');
      const attached = inTerminal('attach', 'tty');
      await shows(attached, 'ready');
      const go = run('exec', 'tty', 'touch', 'go');
      expect(await go.status).toBe(0);
      attached.child.stdin?.write('hello\n');
      await shows(attached, 'got hello');
      await shows(attached, 'RESTORED 6');
      await attached.status;
      await framework.status('tty', 'TASK_FAILED');
    });
  });

  test('logs shows what was printed, and follows until the end', async () => {
    const now = run('logs', 'plain');
    expect(await now.status).toBe(0);
    expect([now.output(), now.errors()]).toEqual(['begun\n', 'bad\n']);
    const following = run('logs', '-f', 'plain');
    await shows(following, 'begun');
    await run('exec', 'plain', 'touch', 'stop').status;
    expect(await following.status).toBe(0);
    expect(following.output()).toBe('begun\nover\n');
  });

  test.each([
    ['exec', 'nobody', "mesita: there is no task 'nobody'"],
    ['exec', 'plain', "mesita: the task 'plain' has ended: TASK_FAILED"],
    ['attach', 'plain', "mesita: the task 'plain' has ended: TASK_FAILED"],
  ])('%s of %s is refused in one line', async (command, task, text) => {
    await framework.status('plain', 'TASK_FAILED');
    const refused = run(command, task, ...(command === 'exec' ? ['true'] : []));
    expect(await refused.status).toBe(1);
    expect(refused.errors()).toContain(text);
  });

  test('a master that is not there is told with what to give', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    const refused = run('logs', 'web', `--master=${nowhere}`);
    expect([await refused.status, refused.errors()]).toEqual([
      1,
      `mesita: no answer from http://${nowhere}/api/v1: connect ECONNREFUSED ${nowhere}\n` +
        'Is a master there? Give its address with --master=<host>:<port>.\n',
    ]);
  });
});
