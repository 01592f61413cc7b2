import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createLinuxScene,
  resources,
  rootId,
  type Scene,
  until,
} from '../system/containerizer/scene.ts';

// Limits that bite on cgroups v2.

const hierarchy = '/sys/fs/cgroup';
const hog = (megabytes: number): string => `perl -e '$x = "a" x (${megabytes} << 20); sleep 60'`;

describe('cgroups isolators on version 2', () => {
  let scene: Scene;

  async function start(isolation: string, flags: object = {}): Promise<void> {
    scene = await createLinuxScene(isolation, flags);
  }

  afterEach(async () => scene?.end());

  const launch = (name: string, script: string, more: Partial<ContainerConfig> = {}) =>
    scene.launch(name, script, { resources: resources('cpus:0.5;mem:32').toMessages(), ...more });

  const group = (...names: string[]): string => join(hierarchy, scene.rootGroup, ...names);
  const file = (name: string, of: string): string => readFileSync(group(name, of), 'utf8').trim();

  test('a CPU quota holds, and is told', async () => {
    await start('cgroups/cpu', { cgroups_enable_cfs: true });
    const began = Date.now();
    await launch('busy', 'while :; do :; done', {
      resources: resources('cpus:0.1;mem:64').toMessages(),
    });
    expect([file('busy', 'cpu.weight'), file('busy', 'cpu.max')]).toEqual(['10', '10000 100000']);
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
    expect([file('busy', 'cpu.weight'), file('busy', 'cpu.max')]).toEqual(['100', 'max 100000']);
  });

  test('weights divide a CPU that two want', async () => {
    await start('cgroups/cpu');
    await launch('little', 'while :; do :; done', {
      resources: resources('cpus:0.1;mem:64').toMessages(),
    });
    await launch('much', 'while :; do :; done', {
      resources: resources('cpus:0.9;mem:64').toMessages(),
    });
    const seconds = async (name: string): Promise<number> =>
      (await scene.containerizer.usage(rootId(name))).cpusUserTimeSecs ?? 0;
    await until(async () => (await seconds('much')) > 2);
    expect(await seconds('little')).toBeLessThan((await seconds('much')) / 3);
  });

  test('out of memory ends the whole container with a report', async () => {
    await start('cgroups/mem');
    await launch('hog', `${hog(64)}; echo survived; sleep 1100`);
    const end = await scene.containerizer.wait(rootId('hog'));
    expect(end).toMatchObject({
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
      limitedResources: [{ name: 'mem' }],
    });
    expect(end?.message).toMatch(/^Memory limit exceeded: Requested: 32MB Maximum Used: \d+/);
    expect(end?.message).toContain('MEMORY STATISTICS');
  });

  test('the request is protected, the limit is hard, updates only grow', async () => {
    await start('cgroups/mem');
    await launch('task', 'sleep 1101', {
      limits: { mem: { value: 128 } },
      resources: resources('cpus:0.5;mem:64').toMessages(),
    });
    const limits = (): number[] =>
      ['memory.low', 'memory.max'].map((of) => Number(file('task', of)) >> 20);
    expect(limits()).toEqual([64, 128]);
    expect(file('task', 'memory.high')).toBe('max');
    const usage = await scene.containerizer.usage(rootId('task'));
    expect(usage.memTotalBytes).toBeGreaterThan(0);
    await scene.containerizer.update(rootId('task'), resources('cpus:0.5;mem:48'), {});
    expect(limits()).toEqual([48, 128]);
    await scene.containerizer.update(rootId('task'), resources('cpus:0.5;mem:256'), {});
    expect(limits()).toEqual([256, 256]);
  });

  test('above memory.high a container is held back before it is killed', async () => {
    await start('cgroups/mem', { cgroups_memory_high: 0.5 });
    await launch('slow', hog(48), { resources: resources('cpus:0.5;mem:64').toMessages() });
    expect(Number(file('slow', 'memory.high')) >> 20).toBe(32);
    await until(() => Number(/^high (\d+)/m.exec(file('slow', 'memory.events'))?.[1]) > 0);
    expect(file('slow', 'memory.events')).toContain('oom_kill 0');
  });

  test('swap is used up, or none is given', async () => {
    await start('cgroups/mem', { cgroups_limit_swap: true });
    await launch('none', hog(64));
    expect(file('none', 'memory.swap.max')).toBe('0');
    const end = await scene.containerizer.wait(rootId('none'));
    expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION_MEMORY');
    await scene.end();
    await start('cgroups/mem');
    await launch('some', hog(40));
    await until(
      async () => ((await scene.containerizer.usage(rootId('some'))).memSwapBytes ?? 0) > 1 << 20,
    );
  });

  test('a limit of processes bites', async () => {
    await start('cgroups/pids');
    await launch(
      'forks',
      'while [ ! -e go ]; do sleep 0.05; done; for i in 1 2 3; do sleep 1102 & done; wait',
    );
    writeFileSync(group('forks', 'pids.max'), '2');
    writeFileSync(join(scene.sandbox('forks'), 'go'), '');
    await until(() => scene.read('work/forks/stderr').includes('fork'));
    expect(Number(/max (\d+)/.exec(file('forks', 'pids.events'))?.[1])).toBeGreaterThan(0);
  });

  test('block I/O is counted by device, and can be limited', async () => {
    await start('cgroups/blkio');
    const { rdev } = statSync('/dev/ubda');
    const [major, minor] = [rdev >> 8, rdev & 255];
    await launch(
      'io',
      'while [ ! -e go ]; do sleep 0.05; done; dd if=/dev/ubda of=/dev/null bs=1M count=4 iflag=direct; sleep 1103',
    );
    writeFileSync(group('io', 'io.max'), `${major}:${minor} rbps=2097152`);
    const began = Date.now();
    writeFileSync(join(scene.sandbox('io'), 'go'), '');
    await until(() => scene.read('work/io/stderr').includes('copied'));
    expect(Date.now() - began).toBeGreaterThan(1000);
    const usage = await scene.containerizer.usage(rootId('io'));
    expect(usage.blkioStatistics?.throttling).toContainEqual(
      expect.objectContaining({
        device: { majorNumber: major, minorNumber: minor },
        ioServiceBytes: expect.arrayContaining([{ op: 'READ', value: 4 << 20 }]),
      }),
    );
  });

  test('devices that are not allowed cannot be opened', async () => {
    const allowedDevices = [{ device: { path: '/dev/ubda' }, access: { read: true } }];
    await start('cgroups/devices', { allowed_devices: { allowedDevices } });
    await launch(
      'dev',
      'head -c1 /dev/ubda | wc -c; cat </dev/null && echo null; (: >>/dev/ubda); mknod d b 98 16 && cat <d',
    );
    await scene.containerizer.wait(rootId('dev'));
    expect(scene.read('work/dev/stdout')).toBe('1\nnull\n');
    expect(scene.read('work/dev/stderr').match(/Operation not permitted/g)).toHaveLength(2);
  });

  test('nested containers share, or have limits of their own', async () => {
    await start('cgroups/cpu,cgroups/mem');
    await launch('pod', 'sleep 1104', { resources: resources('cpus:0.5;mem:128').toMessages() });
    const child = (value: string) => ({ value, parent: rootId('pod') });
    const own = {
      resources: resources('cpus:0.25;mem:40').toMessages(),
      containerInfo: { type: 'MESOS', linuxInfo: { shareCgroups: false } },
    } as const;
    for (const [id, script, extra] of [
      [child('sharing'), 'cat /proc/self/cgroup', {}],
      [child('own'), 'cat /proc/self/cgroup; sleep 1105', own],
      [child('hog'), hog(64), own],
    ] as const) {
      await scene.launch(id, script, extra);
      if (id.value !== 'own') await scene.containerizer.wait(id);
    }
    const { rootGroup: root } = scene;
    expect(scene.read('work/pod/containers/sharing/stdout')).toBe(
      `0::/${root}/pod/mesos/sharing/leaf\n`,
    );
    await until(() => scene.read('work/pod/containers/own/stdout') !== '');
    expect(Number(file('pod/mesos/own', 'memory.max')) >> 20).toBe(40);
    expect(file('pod/mesos/own', 'cpu.weight')).toBe('25');
    const end = await scene.containerizer.wait(child('hog'));
    expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION_MEMORY');
    expect((await scene.containerizer.containers()).map(({ value }) => value)).toEqual([
      'pod',
      'own',
    ]);
  });

  test('after a restart limits hold, and groups end with their container', async () => {
    await start('cgroups/all');
    await launch('kept', `while [ ! -e go ]; do sleep 0.05; done; ${hog(64)}; sleep 1106`);
    const { executorPid: pid = 0 } = await scene.containerizer.status(rootId('kept'));
    await scene.containerizer.close();
    const directory = scene.sandbox('kept');
    scene = await createLinuxScene('cgroups/all', {}, scene);
    await scene.containerizer.recover([{ containerId: rootId('kept'), pid, directory }]);
    writeFileSync(join(directory, 'go'), '');
    const end = await scene.containerizer.wait(rootId('kept'));
    expect(end?.reason).toBe('REASON_CONTAINER_LIMITATION_MEMORY');
    expect(existsSync(group('kept'))).toBe(false);
    // Who knew of it may still ask how it ended.
    await scene.containerizer.remove(rootId('kept'));
    expect(readdirSync(join(scene.root, 'run/containers'))).toEqual([]);
  });

  test('a fork bomb without its supervisor ends all the same', async () => {
    await start('cgroups/pids');
    await launch('bomb', 'trap "" TERM; while :; do (setsid sleep 1107 &); sleep 0.02; done');
    const members = (): number => file('bomb/leaf', 'cgroup.procs').split('\n').length;
    await until(() => members() > 10);
    const { executorPid: pid = 0 } = await scene.containerizer.status(rootId('bomb'));
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ');
    const ended = scene.containerizer.wait(rootId('bomb'));
    process.kill(Number(stat?.[1]), 'SIGKILL');
    expect(await ended).toEqual({ status: 9 });
    expect(existsSync(group('bomb'))).toBe(false);
  });
});
