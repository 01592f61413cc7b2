// What holds of GPUs on version 1 holds here, too.
import '../system/containerizer/gpu.test.ts';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { driverNodes, makeDriverTree, sayOpened } from '../system/containerizer/driver-tree.ts';
import { createLinuxScene, resources, type Scene } from '../system/containerizer/scene.ts';

describe('gpu/nvidia as the agent makes it', () => {
  let scene: Scene | undefined;

  beforeEach(() => {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/proc/driver']);
    makeDriverTree('/');
  });

  afterEach(async () => {
    await scene?.end();
    execFileSync('umount', ['/proc/driver']);
    for (const [name] of driverNodes) rmSync(join('/dev', name), { force: true });
  });

  test('opens the GPUs of this machine', async () => {
    scene = await createLinuxScene('filesystem/linux,cgroups/all,gpu/nvidia');
    const gpus = resources('cpus:1;mem:64;gpus:1').toMessages();
    const { out } = await scene.run('one', sayOpened('/dev'), { resources: gpus });
    expect(out).toBe('nvidia0\nnvidiactl\n');
  });
});
