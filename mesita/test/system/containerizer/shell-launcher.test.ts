import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStat } from '../../../src/linux/proc.ts';
import { createScene, rootId, type Scene, shellConfig, until } from './scene.ts';

// The launcher where no compiler was: the same promises, as far as a shell can keep them.

let scene: Scene;
const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', GREETING: "it's $HOME" };

beforeEach(async () => {
  scene = await createScene({ forker: 'shell', isolation: 'posix/rlimits' });
});

afterEach(async () => {
  await scene.end();
});

async function run(name: string, script: string, user?: string): Promise<number | undefined> {
  const id = rootId(name);
  const directory = scene.sandbox(name);
  const config = shellConfig(directory, script, { user });
  await scene.containerizer.launch({ id, config, environment });
  return (await scene.containerizer.wait(id))?.status;
}

test('status, output, environment', async () => {
  expect(await run('a', 'echo "$GREETING"; exit 3')).toBe(3 << 8);
  expect(scene.read('work/a/stdout')).toBe("it's $HOME\n");
  expect(await run('b', 'kill -9 $$')).toBe(9);
  expect(readdirSync(join(scene.root, 'run/containers'))).toEqual([]);
});

test('a program that does not exist ends with status 1', async () => {
  const id = rootId('noexec');
  const config = {
    ...shellConfig(scene.sandbox('noexec'), ''),
    commandInfo: { value: '/nosuch/prog', shell: false, arguments: ['prog'] },
  };
  await scene.containerizer.launch({ id, config, environment });
  expect((await scene.containerizer.wait(id))?.status).toBe(1 << 8);
});

test('resource limits hold', async () => {
  const id = rootId('limits');
  const config = shellConfig(scene.sandbox('limits'), 'ulimit -n', {
    containerInfo: {
      type: 'MESOS',
      rlimitInfo: { rlimits: [{ type: 'RLMT_NOFILE', soft: 77, hard: 88 }] },
    },
  });
  await scene.containerizer.launch({ id, config, environment });
  await scene.containerizer.wait(id);
  expect(scene.read('work/limits/stdout')).toBe('77\n');
});

test.runIf(process.getuid?.() === 0)('the user is switched to', async () => {
  expect(await run('user', 'id -u; id -G', 'nobody')).toBe(0);
  expect(scene.read('work/user/stdout')).toBe('65534\n65534\n');
  expect(statSync(join(scene.root, 'work/user/stdout')).uid).toBe(65534);
});

test('destroy ends the session', async () => {
  const id = rootId('tree');
  const config = shellConfig(scene.sandbox('tree'), 'trap "" TERM; sleep 1030 & sleep 1031');
  await scene.containerizer.launch({ id, config, environment });
  const pid = (await scene.containerizer.status(id)).executorPid ?? 0;
  expect(await scene.containerizer.destroy(id)).toEqual({ status: 9 });
  await until(async () => (await readStat(pid)) === undefined);
});
