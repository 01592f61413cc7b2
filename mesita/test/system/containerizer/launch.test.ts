import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readChildren, readStat, readTree } from '../../../src/linux/proc.ts';
import {
  availableLaunchers,
  createScene,
  rootId,
  type Scene,
  shellConfig,
  until,
} from './scene.ts';

describe.each(availableLaunchers)('the $name launcher', ({ launcher }) => {
  let scene: Scene;
  const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', MESOS_CHECKPOINT: '1' };

  beforeEach(async () => {
    scene = await createScene(launcher());
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

  test('resource limits and pre-exec failures', async () => {
    await scene.end();
    scene = await createScene({ ...launcher(), isolation: 'posix/rlimits' });
    const id = rootId('limits');
    const rlimitInfo = { rlimits: [{ type: 'RLMT_NOFILE' as const, soft: 77, hard: 88 }] };
    const config = shellConfig(scene.sandbox('limits'), 'ulimit -n; ulimit -Hn', {
      containerInfo: { type: 'MESOS', rlimitInfo },
    });
    await scene.containerizer.launch({ id, config, environment });
    await scene.containerizer.wait(id);
    expect(scene.read('work/limits/stdout')).toBe('77\n88\n');
  });

  test.runIf(process.getuid?.() === 0)('the user is switched to, groups and all', async () => {
    const id = rootId('user');
    const config = shellConfig(scene.sandbox('user'), 'id -u; id -g; id -G', { user: 'nobody' });
    await scene.containerizer.launch({ id, config, environment });
    expect((await scene.containerizer.wait(id))?.status).toBe(0);
    expect(scene.read('work/user/stdout')).toBe('65534\n65534\n65534\n');
    expect(statSync(join(scene.root, 'work/user/stdout')).uid).toBe(65534);
  });

  test('an unknown user fails the launch', async () => {
    const config = shellConfig(scene.sandbox('x'), 'true', { user: 'nosuchuser' });
    const launched = scene.containerizer.launch({ id: rootId('x'), config, environment });
    await expect(launched).rejects.toThrow("No such user 'nosuchuser'");
    expect(await scene.containerizer.containers()).toEqual([]);
  });

  test('nested containers end with their root, the innermost first', async () => {
    const id = rootId('pod');
    const child = { value: 'child', parent: id };
    const grandchild = { value: 'grandchild', parent: child };
    const sandbox = scene.sandbox('pod');
    for (const each of [id, child, grandchild]) {
      const config = shellConfig(each === id ? sandbox : '', 'pwd; sleep 1040');
      await scene.containerizer.launch({ id: each, config, environment });
    }
    await until(() => existsSync(join(sandbox, 'containers/child/containers/grandchild/stdout')));
    const ends: string[] = [];
    for (const each of [id, child, grandchild]) {
      void scene.containerizer.wait(each).then(() => ends.push(each.value));
    }
    await scene.containerizer.destroy(id);
    expect(ends).toEqual(['grandchild', 'child', 'pod']);
  });

  test('a launch that is destroyed early leaves nothing', async () => {
    const launches = Array.from({ length: 20 }, async (_, n) => {
      const id = rootId(`early${n}`);
      const config = shellConfig(scene.sandbox(`early${n}`), 'sleep 1050');
      const launched = scene.containerizer.launch({ id, config, environment }).catch(() => {});
      for (let turn = 0; turn < n; turn++) await new Promise((next) => setImmediate(next));
      await scene.containerizer.destroy(id);
      await launched;
    });
    await Promise.all(launches);
    expect(await scene.containerizer.containers()).toEqual([]);
    expect(readdirSync(join(scene.root, 'run/containers'))).toEqual([]);
  });

  test('an idle container of the default executor ends well when asked to', async () => {
    const id = rootId('idle');
    const executorInfo = { executorId: { value: 'e' }, type: 'DEFAULT' as const };
    const config = shellConfig(scene.sandbox('idle'), 'ignored', { executorInfo });
    await scene.containerizer.launch({ id, config, environment });
    expect(await scene.containerizer.kill(id, 15)).toBe(true);
    expect(await scene.containerizer.wait(id)).toEqual({ status: 0 });
  });

  test('neither this process nor the launcher keeps descriptors of ended containers', async () => {
    const launcher = (await readChildren(process.pid)).at(-1) ?? 0;
    const count = (): number[] =>
      [process.pid, launcher].map((pid) => readdirSync(`/proc/${pid}/fd`).length);
    await run('first', 'exit 0');
    const before = count();
    for (let n = 0; n < 10; n++) {
      const id = rootId(`failing${n}`);
      const config = shellConfig(scene.sandbox(id.value), 'true');
      const commandInfo = { value: 'true', uris: [{ value: '/nosuch/file' }] };
      const launched = scene.containerizer.launch({
        id,
        config: { ...config, commandInfo },
        environment,
      });
      await expect(launched).rejects.toThrow('Failed to fetch');
      await run(`good${n}`, 'exit 0');
    }
    await until(() => JSON.stringify(count()) === JSON.stringify(before));
  });

  test('the launcher may die: containers go on, and a new one takes its place', async () => {
    const id = rootId('survivor');
    const config = shellConfig(scene.sandbox('survivor'), 'sleep 1070');
    await scene.containerizer.launch({ id, config, environment });
    const launcher = (await readChildren(process.pid)).at(-1) ?? 0;
    process.kill(launcher, 'SIGKILL');
    await until(async () => !(await readChildren(process.pid)).includes(launcher));
    expect(await run('next', 'exit 4')).toBe(4 << 8);
    expect(await scene.containerizer.kill(id, 15)).toBe(true);
    expect(await scene.containerizer.wait(id)).toEqual({ status: 15 });
  });
});
