import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { afterEach, describe, expect, test } from 'vitest';
import { readHierarchies } from '../../../src/linux/cgroups/hierarchies.ts';
import { readAllStats, readTree } from '../../../src/linux/proc.ts';
import {
  canUseLinuxLauncher,
  createLinuxScene,
  createScene,
  resources,
  rootId,
  type Scene,
  until,
} from './scene.ts';

// Limits that bite. Version 1 here (version 2: test/uml); what this host lacks is skipped.

const hierarchies = readHierarchies('/sys/fs/cgroup');
const has = (...names: string[]): boolean =>
  canUseLinuxLauncher &&
  hierarchies.version === 1 &&
  names.every((name) => hierarchies.find(name) !== undefined);
function groupsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}

describe('cgroups isolators', () => {
  let scene: Scene;

  async function start(isolation: string, flags: object = {}): Promise<void> {
    scene = await createLinuxScene(isolation, flags);
  }

  afterEach(async () => scene?.end());

  const launch = (name: string, script: string, more: Partial<ContainerConfig> = {}) =>
    scene.launch(name, script, { resources: resources('cpus:0.5;mem:64').toMessages(), ...more });

  const groupFile = (controller: string, name: string, file: string): string =>
    readFileSync(
      join(hierarchies.find(controller) ?? '', scene.rootGroup, name, file),
      'utf8',
    ).trim();

  test.runIf(has('cpu', 'cpuacct'))('a CPU quota holds, and is told', async () => {
    await start('cgroups/cpu', { cgroups_enable_cfs: true });
    const began = Date.now();
    await launch('busy', 'while :; do :; done', {
      resources: resources('cpus:0.1;mem:64').toMessages(),
    });
    expect(groupFile('cpu', 'busy', 'cpu.shares')).toBe('102');
    const usage = () => scene.containerizer.usage(rootId('busy'));
    // A machine that is busy itself may leave it less than its quota for a while.
    await until(async () => ((await usage()).cpusNrThrottled ?? 0) > 10);
    const { cpusUserTimeSecs = 0, cpusSystemTimeSecs = 0, ...told } = await usage();
    expect(cpusUserTimeSecs + cpusSystemTimeSecs).toBeGreaterThan(0);
    expect(cpusUserTimeSecs + cpusSystemTimeSecs).toBeLessThan((Date.now() - began) / 1000 / 3);
    expect(told.cpusThrottledTimeSecs).toBeGreaterThan(0);
    expect(told.cpusLimit).toBe(0.1);
    await scene.containerizer.update(rootId('busy'), resources('cpus:1;mem:64'), {
      cpus: { value: Number.POSITIVE_INFINITY },
    });
    expect(groupFile('cpu', 'busy', 'cpu.cfs_quota_us')).toBe('-1');
    expect(groupFile('cpu', 'busy', 'cpu.shares')).toBe('1024');
  });

  const hog = 'python3 -c "x = bytearray(200 << 20); import time; time.sleep(60)"';

  test.runIf(has('memory'))('out of memory ends the container with a report', async () => {
    await start('cgroups/mem');
    await launch('hog', `exec ${hog}`);
    const end = await scene.containerizer.wait(rootId('hog'));
    expect(end).toMatchObject({
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
      limitedResources: [{ name: 'mem' }],
    });
    expect(end?.message).toMatch(/^Memory limit exceeded: Requested: 64MB Maximum Used: \d+/);
    expect(end?.message).toContain('MEMORY STATISTICS');
  });

  test.runIf(has('memory'))('a child that the kernel kills ends the whole container', async () => {
    await start('cgroups/mem');
    await launch('hog', `${hog}; echo survived; sleep 1100`);
    const end = await scene.containerizer.wait(rootId('hog'));
    expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION_MEMORY');
  });

  test.runIf(has('memory'))('memory pressure is counted', async () => {
    await start('cgroups/mem');
    // The cache of what is written must go again and again.
    await launch(
      'writes',
      'while [ ! -e go ]; do sleep 0.05; done; head -c 300000000 /dev/zero >file; sleep 1103',
    );
    const count = async (): Promise<number> =>
      (await scene.containerizer.usage(rootId('writes'))).memLowPressureCounter ?? -1;
    expect(await count()).toBe(0);
    writeFileSync(join(scene.sandbox('writes'), 'go'), '');
    await until(async () => (await count()) > 0);
  });

  test.runIf(has('memory'))('a nested container that runs out of memory dies alone', async () => {
    await start('cgroups/mem');
    await launch('pod', 'sleep 1104', { resources: resources('cpus:0.5;mem:512').toMessages() });
    const id = { value: 'hog', parent: rootId('pod') };
    await scene.launch(id, hog, {
      resources: resources('cpus:0.25;mem:40').toMessages(),
      containerInfo: { type: 'MESOS', linuxInfo: { shareCgroups: false } },
    });
    const end = await scene.containerizer.wait(id);
    expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION_MEMORY');
    expect(await scene.containerizer.containers()).toEqual([rootId('pod')]);
  });

  test.runIf(has('memory'))(
    'a limit beyond the request, usage, and updates that only grow',
    async () => {
      await start('cgroups/mem');
      const taskInfo = {
        name: 't',
        taskId: { value: 't' },
        agentId: { value: 'a' },
        command: { value: 'cat /proc/self/oom_score_adj; sleep 1101' },
      };
      await launch('task', '', { taskInfo, limits: { mem: { value: 128 } } });
      const limit = (): number =>
        Number(groupFile('memory', 'task', 'memory.limit_in_bytes')) >> 20;
      expect(limit()).toBe(128);
      await until(() => scene.read('work/task/stdout') !== '');
      expect(Number(scene.read('work/task/stdout'))).toBeGreaterThan(900);
      expect((await scene.containerizer.usage(rootId('task'))).memTotalBytes).toBeGreaterThan(0);
      for (const [mem, expected] of [
        [48, 128],
        [256, 256],
      ] as const) {
        await scene.containerizer.update(rootId('task'), resources(`cpus:0.5;mem:${mem}`), {});
        expect(limit()).toBe(expected);
      }
    },
  );

  test.runIf(has('devices'))('devices that are not allowed cannot be opened', async () => {
    await start('cgroups/devices');
    await launch('dev', 'cat </dev/null && echo null; mknod d b 254 0 && cat <d');
    await scene.containerizer.wait(rootId('dev'));
    expect(scene.read('work/dev/stdout')).toBe('null\n');
    expect(scene.read('work/dev/stderr')).toContain('Operation not permitted');
  });

  test.runIf(has('pids', 'cpuset', 'blkio'))('bare groups take their container in', async () => {
    await start('cgroups/pids,cgroups/cpuset,cgroups/blkio');
    await launch('bare', 'cat /proc/self/cgroup; exit 0');
    await scene.containerizer.wait(rootId('bare'));
    for (const name of ['pids', 'cpuset', 'blkio']) {
      expect(scene.read('work/bare/stdout')).toMatch(
        new RegExp(`:${name}:/${scene.rootGroup}/bare\\n`),
      );
    }
  });

  test.runIf(has('cpu', 'cpuacct', 'memory'))('nested containers share, or do not', async () => {
    await start('cgroups/cpu,cgroups/mem');
    await launch('pod', 'sleep 1102');
    const child = (value: string) => ({ value, parent: rootId('pod') });
    const more = {
      resources: resources('cpus:0.25;mem:40').toMessages(),
      containerInfo: { type: 'MESOS', linuxInfo: { shareCgroups: false } },
    } as const;
    for (const [id, extra] of [
      [child('sharing'), {}],
      [child('own'), more],
    ] as const) {
      await scene.run(id, 'cat /proc/self/cgroup', extra);
    }
    const root = scene.rootGroup;
    expect(scene.read('work/pod/containers/sharing/stdout')).toContain(`:memory:/${root}/pod\n`);
    expect(scene.read('work/pod/containers/own/stdout')).toContain(
      `:memory:/${root}/pod/mesos/own\n`,
    );
  });

  test.runIf(has('memory'))(
    'after a restart limits hold, and groups end with their container',
    async () => {
      await start('cgroups/mem');
      await launch('kept', `while [ ! -e go ]; do sleep 0.05; done; exec ${hog}`);
      const { executorPid: pid = 0 } = await scene.containerizer.status(rootId('kept'));
      await scene.containerizer.close();
      const directory = scene.sandbox('kept');
      scene = await createLinuxScene('cgroups/mem', {}, scene);
      await scene.containerizer.recover([{ containerId: rootId('kept'), pid, directory }]);
      writeFileSync(join(directory, 'go'), '');
      const end = await scene.containerizer.wait(rootId('kept'));
      expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION_MEMORY');
      const memory = join(hierarchies.find('memory') ?? '', scene.rootGroup);
      expect(existsSync(join(memory, 'kept'))).toBe(false);
      await scene.containerizer.remove(rootId('kept'));
      // Who knew of it may still ask how it ended.
      await scene.containerizer.remove(rootId('kept'));
      expect(readdirSync(join(scene.root, 'run/containers'))).toEqual([]);
    },
  );

  test.runIf(has('cpu', 'cpuacct', 'memory'))(
    'nothing is left of what ended: no process, group, mount or descriptor',
    async () => {
      await start('cgroups/cpu,cgroups/mem');
      const run = async (name: string): Promise<void> => {
        await launch(name, '(setsid sleep 1108 &); sleep 1109');
        await scene.containerizer.destroy(rootId(name));
      };
      const helpers = (await readTree(process.pid)).filter(({ parent }) => parent === process.pid);
      const left = () => ({
        mounts: readFileSync('/proc/self/mountinfo', 'utf8').includes(scene.root),
        descriptors: helpers.map(({ pid }) => readdirSync(`/proc/${pid}/fd`).length),
        groups: ['cpu', 'cpuacct', 'memory', 'freezer'].map((name) =>
          readdirSync(join(hierarchies.find(name) ?? '', scene.rootGroup), {
            withFileTypes: true,
          }).filter((entry) => entry.isDirectory()),
        ),
        processes: readAllStats().filter(({ pid }) => groupsOf(pid).includes(scene.rootGroup)),
      });
      await run('first');
      const before = left();
      for (const name of ['one', 'two', 'three']) await run(name);
      // The companion is told to forget without being waited for.
      await until(() => isDeepStrictEqual(left(), before));
    },
  );

  test.runIf(canUseLinuxLauncher)('the posix launcher is refused', async () => {
    const made = createScene({ isolation: 'cgroups/cpu' }, undefined, { launcher: 'posix' });
    await expect(made).rejects.toThrow(
      "Failed to create isolator 'cgroups/cpu': The 'linux' launcher must be used",
    );
  });
});
