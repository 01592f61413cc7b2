// `npm start` as somebody sees it who has just cloned: the script behind it, in a process group as
// a terminal makes one.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { killLeftovers, removeDirectory } from '../../src/cli/cluster/leftovers.ts';
import { createFolder } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait.ts';

const root = join(import.meta.dirname, '../../..');
const folders: string[] = [];
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const { pid } of started.splice(0)) killGroup(pid);
  for (const folder of folders.splice(0)) {
    await killLeftovers(folder);
    await removeDirectory(folder);
  }
});

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** The script with a temporary directory of its own: what is left there was left behind. */
function start(...args: string[]) {
  const folder = createFolder();
  folders.push(folder);
  const child = spawn(process.execPath, ['tools/bootstrap.mjs', 'start', ...args], {
    cwd: root,
    detached: true,
    env: { ...process.env, TMPDIR: folder },
  });
  started.push(child);
  let text = '';
  child.stdout.on('data', (data) => (text += data));
  child.stderr.on('data', (data) => (text += data));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid: child.pid!,
    folder,
    ended,
    output: () => text,
    says: (part: string) => waitFor(`'${part}' in:\n${text}`, () => text.includes(part)),
  };
}

/** Processes that were given the directory as their temporary one, or work inside of it. */
function leftIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) ||
          readlinkSync(`/proc/${pid}/cwd`).startsWith(folder))
      );
    } catch {
      return false;
    }
  });
}

test('--once shows the lives of the tasks and leaves nothing behind', async () => {
  const { ended, output, folder } = start('--once', '--port=0');
  expect([await ended, output()]).toEqual([0, expect.anything()]);
  expect(output()).toMatch(/ master {4}http:\/\/127\.0\.0\.1:\d+\n/);
  const lines = output().split('\n');
  const life = lines.filter((line) => / {2}counter {6}/.test(line)).map((line) => line.slice(21));
  expect(life).toEqual([
    expect.stringMatching(/^TASK_STARTING {2}on agent-[12]$/),
    'TASK_RUNNING',
    ...[1, 2, 3, 4, 5].map((number) => `| line ${number} of 5`),
    'TASK_FINISHED  Command exited with status 0',
  ]);
  expect(output()).toContain('All 12 tasks ended as they should.\n');
  expect(leftIn(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('Ctrl-C in the middle ends every process, container and directory', async () => {
  const { ended, pid, folder, output, says } = start('--port=0');
  await says('line 1 of 5');
  expect(leftIn(folder).length).toBeGreaterThan(3);
  process.kill(-pid, 'SIGINT');
  expect([await ended, output()]).toEqual([130, expect.anything()]);
  expect(leftIn(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('it stays up after the tasks, and a Ctrl-C is then no failure', async () => {
  const { ended, pid, folder, output, says } = start('--port=0');
  await says('Ctrl-C ends all of it.');
  const [, address] = /mesos-execute\.sh --master=(\S+)/.exec(output()) ?? [];
  expect((await fetch(`http://${address}/health`)).status).toBe(200);
  process.kill(-pid, 'SIGINT');
  expect(await ended).toBe(0);
  expect(leftIn(folder)).toEqual([]);
});

test('a task that does not end as it should is told, with status 1', async () => {
  const { ended, folder, output, says } = start('--once', '--port=0');
  await says('line 1 of 5');
  const agents = leftIn(folder).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mesos-agent.js'),
  );
  process.kill(Number(agents[0]), 'SIGKILL');
  expect(await ended).toBe(1);
  expect(output()).toMatch(/^mesita: agent-[12] was ended by SIGKILL$/m);
  expect(leftIn(folder)).toEqual([]);
});

test('a port that is taken is a line with advice', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const { ended, output } = start('--once', `--port=${port}`);
  expect(await ended).toBe(1);
  expect(output()).toContain(`mesita: port ${port} on 127.0.0.1 is taken by another program\n`);
  server.close();
});
