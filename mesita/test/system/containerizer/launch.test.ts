import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStat, readTree } from '../../../src/linux/proc.ts';
import { createScene, rootId, type Scene, shellConfig, until } from './scene.ts';

let scene: Scene;
const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', MESOS_CHECKPOINT: '1' };

beforeEach(async () => {
  scene = await createScene();
});

afterEach(async () => {
  await scene.end();
});

async function run(name: string, script: string): Promise<number | undefined> {
  const id = rootId(name);
  const config = shellConfig(scene.sandbox(name), script);
  expect(await scene.containerizer.launch({ id, config, environment })).toBe('LAUNCHED');
  return (await scene.containerizer.wait(id))?.status;
}

test('exit status, output and environment reach who asks', async () => {
  expect(await run('a', 'echo out $MESOS_CHECKPOINT; echo err >&2; pwd; exit 3')).toBe(3 << 8);
  expect(scene.read('work/a/stdout')).toBe(`out 1\n${scene.sandbox('a')}\n`);
  expect(scene.read('work/a/stderr')).toBe('err\n');
  expect(await run('b', 'kill -9 $$')).toBe(9);
  expect(await scene.containerizer.containers()).toEqual([]);
  expect(readdirSync(join(scene.root, 'run/containers'))).toEqual([]);
});

test('a program that does not exist ends with status 1', async () => {
  const id = rootId('noexec');
  const commandInfo = { value: '/nosuch/prog', shell: false, arguments: ['prog'] };
  const config = { ...shellConfig(scene.sandbox('noexec'), ''), commandInfo };
  await scene.containerizer.launch({ id, config, environment });
  expect((await scene.containerizer.wait(id))?.status).toBe(1 << 8);
  expect(scene.read('work/noexec/stderr')).toContain("Failed to execute '/nosuch/prog'");
});

test('destroy leaves no process, wherever it ran to', async () => {
  const id = rootId('tree');
  const script = '(setsid sh -c "setsid sleep 1001 & sleep 1002" &); trap "" TERM; sleep 1003; :';
  const config = shellConfig(scene.sandbox('tree'), script);
  await scene.containerizer.launch({ id, config, environment });
  const pid = (await scene.containerizer.status(id)).executorPid ?? 0;
  const supervisor = (await readStat(pid))?.parent ?? 0;
  await until(async () => (await readTree(supervisor)).length >= 5);
  const members = await readTree(supervisor);
  expect(await scene.containerizer.destroy(id)).toEqual({ status: 9 });
  await until(async () => {
    const left = await Promise.all(members.map(({ pid }) => readStat(pid)));
    return left.every((stat) => stat === undefined || stat.state === 'Z');
  });
  expect(existsSync(join(scene.root, 'run/containers/tree'))).toBe(false);
});

test('file descriptors do not leak into containers', async () => {
  await run('other', 'exit 0');
  await run('fds', 'ls -l /proc/self/fd | grep -v /proc/ | wc -l');
  // Three, and the line with the total.
  expect(scene.read('work/fds/stdout').trim()).toBe('4');
});
