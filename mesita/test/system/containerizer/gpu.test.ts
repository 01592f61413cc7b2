import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resources } from '@mesita/sdk/resources';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDeviceLists } from '../../../src/isolators/cgroups/devices/open-lists.ts';
import { findControls, findNodes } from '../../../src/isolators/gpu/nvidia/host.ts';
import { createNvidiaIsolator } from '../../../src/isolators/gpu/nvidia/isolator.ts';
import { readHierarchies } from '../../../src/linux/cgroups/hierarchies.ts';
import { readNvidiaDriver } from '../../../src/linux/nvidia-driver.ts';
import { makeDriverTree, sayOpened } from './driver-tree.ts';
import { createRootfs } from './rootfs.ts';
import {
  canUseLinuxLauncher,
  createLinuxScene,
  createScene,
  linuxLauncher,
  log,
  resources,
  rootId,
  type Scene,
  until,
} from './scene.ts';

// With a driver tree of our own. On cgroups v2 the same holds: `uml/gpu.test.ts`.

const { version, unified, find } = readHierarchies('/sys/fs/cgroup');
const hierarchy = unified ?? find('devices');
const isolation = 'filesystem/linux,cgroups/devices,gpu/nvidia';

describe.runIf(canUseLinuxLauncher && hierarchy)('gpu/nvidia', () => {
  let tree: string;
  let scene: Scene;
  let options: ReturnType<typeof linuxLauncher>;
  let agent: AbortController;

  beforeEach(async () => {
    tree = mkdtempSync(join(tmpdir(), 'mesita-driver-'));
    makeDriverTree(tree);
    mkdirSync(join(tree, 'volume/bin'), { recursive: true });
    writeFileSync(join(tree, 'volume/bin/nvidia-smi'), '#!/bin/sh\necho smi\n', { mode: 0o755 });
    options = linuxLauncher();
    await start();
  });

  afterEach(async () => {
    await scene.end();
    agent.abort();
    rmSync(tree, { recursive: true });
  });

  async function start(root?: string): Promise<void> {
    const cgroupsRoot = options.cgroups.root;
    const driver = readNvidiaDriver(tree);
    agent = new AbortController();
    scene = await createScene({ ...options, isolation }, root, { cgroups_root: cgroupsRoot }, [
      {
        name: 'gpu/nvidia',
        isolator: createNvidiaIsolator({
          gpus: driver?.gpus ?? [],
          controls: await findControls(tree),
          nodes: findNodes(tree),
          volume: join(tree, 'volume'),
          lists: openDeviceLists(version, undefined, { log, signal: agent.signal }),
          hierarchy: hierarchy ?? '',
          cgroupsRoot,
        }),
      },
    ]);
  }

  const gpusOf = (gpus: number): Resources => resources(`cpus:1;gpus:${gpus}`);

  const launch = (
    name: string | ContainerID,
    script: string,
    gpus: number,
    more: Partial<ContainerConfig> = {},
  ) => scene.launch(name, script, { resources: gpusOf(gpus).toMessages(), ...more });

  test('each container can open its own GPUs and no others', async () => {
    await launch('one', `${sayOpened(`${tree}/dev`)}; sleep 1700`, 1);
    await launch('two', `${sayOpened(`${tree}/dev`)}; sleep 1701`, 1);
    await until(() => scene.read('work/two/stdout').includes('nvidiactl'));
    await until(() => scene.read('work/one/stdout').includes('nvidiactl'));
    expect(scene.read('work/one/stdout')).toBe('nvidia0\nnvidiactl\n');
    expect(scene.read('work/two/stdout')).toBe('nvidia1\nnvidiactl\n');
    await expect(launch('three', 'true', 1)).rejects.toThrow(
      'Requested 1 gpus but only 0 available',
    );
    await scene.containerizer.destroy(rootId('one'));
    await launch('four', sayOpened(`${tree}/dev`), 1);
    await scene.containerizer.wait(rootId('four'));
    expect(scene.read('work/four/stdout')).toBe('nvidia0\nnvidiactl\n');
  });

  test('fewer and more while it runs, and the same after a restart', async () => {
    const script = `while read step <go; do ${sayOpened(`${tree}/dev`)}; echo $step; done`;
    const step = async (name: string, letter: string): Promise<string> => {
      await writeFile(join(scene.sandbox(name), 'go'), `${letter}\n`);
      await until(() => scene.read('work', name, 'stdout').endsWith(`${letter}\n`));
      return (
        scene
          .read('work', name, 'stdout')
          .split(/[abc]\n/)
          .at(-2) ?? ''
      );
    };
    for (const name of ['kept', 'none']) execFileSync('mkfifo', [join(scene.sandbox(name), 'go')]);
    await launch('kept', script, 2);
    await launch('none', script, 0);
    await scene.containerizer.update(rootId('kept'), gpusOf(1), {});
    expect(await step('kept', 'a')).toBe('nvidia0\nnvidiactl\n');
    expect(await step('none', 'a')).toBe('nvidiactl\n');
    const known = ['kept', 'none'].map(async (name) => {
      const { executorPid: pid = 0 } = await scene.containerizer.status(rootId(name));
      return { containerId: rootId(name), pid, directory: scene.sandbox(name) };
    });
    const states = await Promise.all(known);
    await scene.containerizer.close();
    agent.abort();
    await start(scene.root);
    await scene.containerizer.recover(states);
    expect(await step('kept', 'b')).toBe('nvidia0\nnvidiactl\n');
    expect(await step('none', 'b')).toBe('nvidiactl\n');
    await launch('other', sayOpened(`${tree}/dev`), 1);
    await scene.containerizer.wait(rootId('other'));
    expect(scene.read('work/other/stdout')).toBe('nvidia1\nnvidiactl\n');
    await scene.containerizer.update(rootId('kept'), gpusOf(2), {});
    expect(await step('kept', 'c')).toBe('nvidia0\nnvidia1\nnvidiactl\n');
    await expect(scene.containerizer.update(rootId('none'), gpusOf(1), {})).rejects.toThrow(
      'Requested 1 gpus but only 0 available',
    );
    expect(await step('none', 'c')).toBe('nvidiactl\n');
  });

  test("nested containers have their root's GPUs, those with groups of their own have none", async () => {
    await launch('pod', 'sleep 1703', 1);
    const child = (value: string) => ({ value, parent: rootId('pod') });
    const linuxInfo = { shareCgroups: false };
    await launch(child('sharing'), sayOpened(`${tree}/dev`), 0);
    await launch(child('own'), sayOpened(`${tree}/dev`), 0, {
      containerInfo: { type: 'MESOS', linuxInfo },
    });
    for (const name of ['sharing', 'own']) await scene.containerizer.wait(child(name));
    expect(scene.read('work/pod/containers/sharing/stdout')).toBe('nvidia0\nnvidiactl\n');
    expect(scene.read('work/pod/containers/own/stdout')).toBe('');
  });

  test('an image that asks for it has the driver', async () => {
    const docker = { manifest: { config: { Env: ['PATH=/bin', 'NVIDIA_VISIBLE_DEVICES=all'] } } };
    const rootfs = createRootfs(scene.root);
    await launch('image', `nvidia-smi; ${sayOpened('/dev')}`, 1, { rootfs, docker });
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
