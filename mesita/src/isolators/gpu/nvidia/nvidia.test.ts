import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Resources } from '@mesita/sdk/resources';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProgramDeviceLists } from '../../../linux/cgroups/device-lists.ts';
import type { Gpu } from '../../../linux/nvidia-driver.ts';
import { scalar } from '../../scene.testing.ts';
import { chooseGpus } from './choose-gpus.ts';
import { driverEnvironment, makeDriverVolume, wantsDriver } from './driver-volume.ts';
import { createGpuPool } from './gpu-pool.ts';
import { createNvidiaIsolator } from './isolator.ts';

const gpu = (minor: number): Gpu => ({ path: `/dev/nvidia${minor}`, kind: 'c', major: 195, minor });
const all = [gpu(0), gpu(1), gpu(2)];

test.each([
  [{ resources: undefined, indices: undefined }, all],
  [{ resources: 0, indices: undefined }, []],
  [{ resources: 2, indices: [2, 0] }, [gpu(2), gpu(0)]],
])('%j', (choice, expected) => {
  expect(chooseGpus(all, choice)).toEqual(expected);
});

test.each([
  [0, [1], "cannot be specified when '--resources' specifies 0 GPUs"],
  [undefined, [1], "without also setting 'gpus' in '--resources'"],
  [1, undefined, 'without also setting `--nvidia_gpu_devices`'],
  [0.5, [1], "The 'gpus' resource must be an non-negative integer"],
  [2, [1, 1], "'--nvidia_gpu_devices' contains duplicates"],
  [1, [1, 2], 'specify different numbers of GPU devices'],
  [4, [0, 1, 2, 3], 'greater than the number of GPUs available'],
  [1, [7], 'There is no GPU with index 7'],
])('%s GPUs with indices %j', (resources, indices, text) => {
  expect(() => chooseGpus(all, { resources, indices })).toThrow(text);
});

test('a GPU has one owner', () => {
  const pool = createGpuPool(all);
  expect(pool.resize('a', 2)).toEqual({ added: [gpu(0), gpu(1)], removed: [] });
  expect(() => pool.resize('b', 2)).toThrow('Requested 2 gpus but only 1 available');
  expect(pool.resize('a', 1)).toEqual({ added: [], removed: [all[1]] });
  expect(() => pool.resize('b', 2)).toThrow('Requested 2 gpus but only 1 available');
  pool.giveBack('a', [all[1]!]);
  expect(pool.resize('b', 2)).toEqual({ added: [all[1], all[2]], removed: [] });
  pool.release('a');
  expect(pool.resize('b', 3)).toEqual({ added: [all[0]], removed: [] });
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesita-nvidia-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("GPUs are their containers' across agents, and free with their ends", async () => {
  const lists = new Map<string, string>();
  const groupOf = (name: string): string => join(directory, 'mesos', name);
  const start = () =>
    createNvidiaIsolator({
      gpus: all,
      controls: [{ kind: 'c', major: 195, minor: 255 }],
      nodes: [],
      volume: '',
      lists: createProgramDeviceLists({
        readDeviceList: async (group) => lists.get(group) ?? '',
        filterDevices: async (group, list) => void lists.set(group, list),
      }),
      hierarchy: directory,
      cgroupsRoot: 'mesos',
    });
  const gpus = (count: number) => [scalar('gpus', count)];
  const prepare = async (isolator: ReturnType<typeof start>, value: string, count: number) => {
    // As `cgroups/devices` leaves it.
    mkdirSync(groupOf(value), { recursive: true });
    lists.set(groupOf(value), 'c 1:3 rwm');
    const config = { directory, commandInfo: {}, resources: gpus(count) };
    await isolator.prepare?.({ value }, config);
    return lists.get(groupOf(value));
  };
  const before = start();
  expect(await prepare(before, 'a', 2)).toBe('c 1:3 rwm\nc 195:255 rwm\nc 195:0 rwm\nc 195:1 rwm');
  expect(await prepare(before, 'none', 0)).toBe('c 1:3 rwm\nc 195:255 rwm');
  const after = start();
  const known = ['a', 'none', 'vanished'].map((value) => ({ containerId: { value } }));
  await after.recover?.(
    known.map((each) => ({ ...each, pid: 1, directory })),
    [],
  );
  await expect(prepare(after, 'b', 2)).rejects.toThrow('Requested 2 gpus but only 1 available');
  await after.update?.({ value: 'a' }, Resources.of(gpus(1)), {});
  expect(lists.get(groupOf('a'))).toBe('c 1:3 rwm\nc 195:255 rwm\nc 195:0 rwm');
  await after.cleanup?.({ value: 'a' });
  expect(await prepare(after, 'c', 3)).toContain('c 195:0 rwm\nc 195:1 rwm\nc 195:2 rwm');
});

test('the driver is what lies on the machine', async () => {
  const host = join(directory, 'host');
  mkdirSync(host);
  writeFileSync(join(host, 'nvidia-smi'), '#!/bin/sh\n');
  const elf = (bits: 1 | 2) => Buffer.from([0x7f, 0x45, 0x4c, 0x46, bits]);
  writeFileSync(join(host, 'libcuda.so.535.1'), elf(2));
  writeFileSync(join(host, 'libGLX_nvidia.so.0'), elf(1));
  writeFileSync(join(host, 'libc.so.6'), elf(2));
  const library = (name: string, file = name) => ({ name, path: join(host, file) });
  const volume = join(directory, 'volume');
  const files = {
    path: ['/nosuch', host],
    libraries: [
      library('libcuda.so.1', 'libcuda.so.535.1'),
      library('libGLX_nvidia.so.0'),
      library('libc.so.6'),
    ],
  };
  await makeDriverVolume(volume, files);
  await makeDriverVolume(volume, files);
  expect(existsSync(join(volume, 'bin/nvidia-smi'))).toBe(true);
  expect(readlinkSync(join(volume, 'lib64/libcuda.so.1'))).toBe('libcuda.so.535.1');
  expect(readlinkSync(join(volume, 'lib/libGLX_indirect.so.0'))).toBe('libGLX_nvidia.so.0');
  expect(existsSync(join(volume, 'lib64/libc.so.6'))).toBe(false);
});

test.each([
  [{ Env: ['NVIDIA_VISIBLE_DEVICES=all'] }, true],
  [{ Env: ['NVIDIA_VISIBLE_DEVICES=void'], Labels: { 'com.nvidia.volumes.needed': 'x' } }, false],
  [{ Labels: { 'com.nvidia.volumes.needed': 'nvidia_driver' } }, true],
  [{}, false],
])('an image of %j', (config, wanted) => {
  expect(wantsDriver({ config })).toBe(wanted);
});

test("the image's own paths come first", () => {
  const { variables } = driverEnvironment({ config: { Env: ['PATH=/bin:/usr/local/nvidia/bin'] } });
  expect(variables).toEqual([
    { name: 'PATH', value: '/bin:/usr/local/nvidia/bin' },
    {
      name: 'LD_LIBRARY_PATH',
      value: '/usr/local/cuda/compat:/usr/local/nvidia/lib:/usr/local/nvidia/lib64',
    },
  ]);
});
