import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resources } from '@mesita/sdk/resources';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findControls, findNodes } from '../../../src/isolators/gpu/nvidia/host.ts';
import { createNvidiaIsolator } from '../../../src/isolators/gpu/nvidia/isolator.ts';
import { readHierarchies } from '../../../src/linux/cgroups/hierarchies.ts';
import { readNvidiaDriver } from '../../../src/linux/nvidia-driver.ts';
import { createRootfs } from './rootfs.ts';
import {
  canUseLinuxLauncher,
  createLinuxScene,
  createScene,
  linuxLauncher,
  resources,
  rootId,
  type Scene,
  until,
} from './scene.ts';

// A driver tree of our own: nodes without a driver behind them. Who may open one hears that there
// is no such device; who may not, that it is not permitted.

const hierarchies = readHierarchies('/sys/fs/cgroup');
const hierarchy = hierarchies.version === 1 ? hierarchies.find('devices') : undefined;
const isolation = 'filesystem/linux,cgroups/devices,gpu/nvidia';

describe.runIf(canUseLinuxLauncher && hierarchy)('gpu/nvidia', () => {
  let tree: string;
  let scene: Scene;
  let options: ReturnType<typeof linuxLauncher>;

  beforeEach(async () => {
    tree = mkdtempSync(join(tmpdir(), 'mesita-driver-'));
    const base = join(tree, 'proc/driver/nvidia');
    for (const [place, minor] of [
      ['0000:00:1f.0', 1],
      ['0000:00:1e.0', 0],
    ] as const) {
      mkdirSync(join(base, 'gpus', place), { recursive: true });
      writeFileSync(
        join(base, 'gpus', place, 'information'),
        `Model: \t\t Fake\nDevice Minor: \t ${minor}\n`,
      );
    }
    writeFileSync(
      join(base, 'version'),
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\n',
    );
    mkdirSync(join(tree, 'dev'));
    mkdirSync(join(tree, 'volume/bin'), { recursive: true });
    writeFileSync(join(tree, 'volume/bin/nvidia-smi'), '#!/bin/sh\necho smi\n', { mode: 0o755 });
    for (const [name, major, minor] of [
      ['nvidia0', '195', '0'],
      ['nvidia1', '195', '1'],
      ['nvidiactl', '195', '255'],
      ['nvidia-uvm', '245', '0'],
    ] as const) {
      execFileSync('mknod', [join(tree, 'dev', name), 'c', major, minor]);
    }
    options = linuxLauncher();
    await start();
  });

  afterEach(async () => {
    await scene.end();
    rmSync(tree, { recursive: true });
  });

  async function start(root?: string): Promise<void> {
    const cgroupsRoot = options.cgroups.root;
    const driver = readNvidiaDriver(tree);
    scene = await createScene({ ...options, isolation }, root, { cgroups_root: cgroupsRoot }, [
      {
        name: 'gpu/nvidia',
        isolator: createNvidiaIsolator({
          gpus: driver?.gpus ?? [],
          controls: await findControls(tree),
          nodes: findNodes(tree),
          volume: join(tree, 'volume'),
          hierarchy: hierarchy ?? '',
          cgroupsRoot,
        }),
      },
    ]);
  }

  const gpusOf = (gpus: number): Resources => resources(`cpus:1;gpus:${gpus}`);

  const launch = (
    name: string,
    script: string,
    gpus: number,
    more: Partial<ContainerConfig> = {},
  ) => scene.launch(name, script, { resources: gpusOf(gpus).toMessages(), ...more });

  /** Which nodes can be opened. */
  const open = (directory: string): string =>
    `for n in nvidia0 nvidia1 nvidiactl; do head -c1 ${directory}/$n 2>&1 | grep -q "not permitted" || echo $n; done`;

  test('each container can open its own GPUs and no others', async () => {
    await launch('one', `${open(`${tree}/dev`)}; sleep 1700`, 1);
    await launch('two', `${open(`${tree}/dev`)}; sleep 1701`, 1);
    await until(() => scene.read('work/two/stdout').includes('nvidiactl'));
    await until(() => scene.read('work/one/stdout').includes('nvidiactl'));
    expect(scene.read('work/one/stdout')).toBe('nvidia0\nnvidiactl\n');
    expect(scene.read('work/two/stdout')).toBe('nvidia1\nnvidiactl\n');
    await expect(launch('three', 'true', 1)).rejects.toThrow(
      'Requested 1 gpus but only 0 available',
    );
    await scene.containerizer.destroy(rootId('one'));
    await launch('four', open(`${tree}/dev`), 1);
    await scene.containerizer.wait(rootId('four'));
    expect(scene.read('work/four/stdout')).toBe('nvidia0\nnvidiactl\n');
  });

  test('fewer and more while it runs, and the same after a restart', async () => {
    const script = `for s in a b; do while [ ! -e $s ]; do sleep 0.02; done; ${open(`${tree}/dev`)}; done; sleep 1702`;
    await launch('kept', script, 2);
    await scene.containerizer.update(rootId('kept'), gpusOf(1), {});
    writeFileSync(join(scene.sandbox('kept'), 'a'), '');
    await until(() => scene.read('work/kept/stdout') === 'nvidia0\nnvidiactl\n');
    const { executorPid: pid = 0 } = await scene.containerizer.status(rootId('kept'));
    await scene.containerizer.close();
    await start(scene.root);
    await scene.containerizer.recover([
      { containerId: rootId('kept'), pid, directory: scene.sandbox('kept') },
    ]);
    await launch('other', open(`${tree}/dev`), 1);
    await scene.containerizer.wait(rootId('other'));
    expect(scene.read('work/other/stdout')).toBe('nvidia1\nnvidiactl\n');
    await scene.containerizer.update(rootId('kept'), gpusOf(2), {});
    writeFileSync(join(scene.sandbox('kept'), 'b'), '');
    await until(() => scene.read('work/kept/stdout').endsWith('nvidia0\nnvidia1\nnvidiactl\n'));
  });

  test('an image that asks for it has the driver', async () => {
    const docker = { manifest: { config: { Env: ['PATH=/bin', 'NVIDIA_VISIBLE_DEVICES=all'] } } };
    const rootfs = createRootfs(scene.root);
    await launch('image', `nvidia-smi; ${open('/dev')}`, 1, { rootfs, docker });
    await scene.containerizer.wait(rootId('image'));
    expect(scene.read('work/image/stdout')).toBe('smi\nnvidia0\nnvidiactl\n');
  });
});

test.runIf(canUseLinuxLauncher && !readNvidiaDriver())(
  'without a driver it is refused',
  async () => {
    await expect(createLinuxScene(isolation)).rejects.toThrow(
      "Failed to create isolator 'gpu/nvidia': Cannot create the Nvidia GPU isolator: NVML is not available",
    );
  },
);
