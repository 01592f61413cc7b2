import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readStat } from '../../../src/linux/proc.ts';
import {
  canUseLinuxLauncher,
  createScene,
  linuxLauncher,
  rootId,
  type Scene,
  until,
} from './scene.ts';

// The linux launcher: every process in a group of its container's, and nothing left of either.

const freezer = '/sys/fs/cgroup/freezer';

describe.runIf(canUseLinuxLauncher)('the linux launcher', () => {
  let scene: Scene;
  let options: ReturnType<typeof linuxLauncher>;
  const groupOf = (...ids: string[]): string =>
    join(freezer, options.cgroups.root, ids.join('/mesos/'));

  beforeEach(async () => {
    options = linuxLauncher();
    scene = await createScene(options);
  });

  afterEach(async () => {
    await scene.end();
  });

  async function launch(name: string, script: string): Promise<number> {
    await scene.launch(name, script);
    return (await scene.containerizer.status(rootId(name))).executorPid ?? 0;
  }

  test('a container runs in a group of its own, which ends with it', async () => {
    await launch('a', 'grep freezer /proc/self/cgroup; exit 5');
    expect((await scene.containerizer.wait(rootId('a')))?.status).toBe(5 << 8);
    expect(scene.read('work/a/stdout')).toContain(`/${options.cgroups.root}/a\n`);
    expect(existsSync(groupOf('a'))).toBe(false);
  });

  test('a nested container has its group within its parent’s', async () => {
    await launch('pod', 'sleep 1090');
    const child = { value: 'child', parent: rootId('pod') };
    await scene.launch(child, 'sleep 1091');
    const { executorPid } = await scene.containerizer.status(child);
    expect(readFileSync(join(groupOf('pod', 'child'), 'cgroup.procs'), 'utf8')).toContain(
      String(executorPid),
    );
    await scene.containerizer.destroy(child);
    expect(existsSync(groupOf('pod', 'child'))).toBe(false);
    expect(existsSync(groupOf('pod'))).toBe(true);
  });

  test('a fork bomb without its supervisor ends all the same', async () => {
    const pid = await launch(
      'bomb',
      'trap "" TERM; while :; do (setsid sleep 1092 &); (setsid sleep 1093 &); sleep 0.01; done',
    );
    const members = (): number[] =>
      readFileSync(join(groupOf('bomb'), 'cgroup.procs'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(Number);
    await until(() => members().length > 10);
    const before = members();
    const supervisor = (await readStat(pid))?.parent ?? 0;
    const ended = scene.containerizer.wait(rootId('bomb'));
    process.kill(supervisor, 'SIGKILL');
    expect(await ended).toEqual({ status: 9 });
    expect(existsSync(groupOf('bomb'))).toBe(false);
    const left = await Promise.all(before.map((each) => readStat(each)));
    expect(left.filter((stat) => stat && stat.state !== 'Z')).toEqual([]);
  });

  test('groups that nobody knows are emptied and removed after a restart', async () => {
    const pid = await launch('known', 'sleep 1094');
    const stranger = spawn('sleep', ['1095']);
    mkdirSync(join(groupOf('stranger', 'inner'), '..'), { recursive: true });
    mkdirSync(groupOf('stranger', 'inner'));
    writeFileSync(join(groupOf('stranger', 'inner'), 'cgroup.procs'), String(stranger.pid));
    const directory = scene.sandbox('known');
    await scene.containerizer.close();
    scene = await createScene(options, scene.root);
    await scene.containerizer.recover([{ containerId: rootId('known'), pid, directory }]);
    await until(() => !existsSync(groupOf('stranger')));
    await until(() => stranger.signalCode === 'SIGKILL');
    expect((await readStat(pid))?.state).toBe('S');
    expect(existsSync(groupOf('known'))).toBe(true);
  });
});
