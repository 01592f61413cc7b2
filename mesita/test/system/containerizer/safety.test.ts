import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CapabilityInfo } from '@mesita/sdk/types';
import { afterEach, describe, expect, test } from 'vitest';
import { readHierarchies } from '../../../src/linux/cgroups/hierarchies.ts';
import { mountsBelow } from '../../harness/mounts.ts';
import { createRootfs } from './rootfs.ts';
import { canUseLinuxLauncher, createLinuxScene, rootId, type Scene } from './scene.ts';

// Ways out of a container that others' runtimes once had, one test for each class. The launcher's
// own (its program, file descriptors, inheritable capabilities) are in confinement.test.ts.

const hasDevices =
  canUseLinuxLauncher && readHierarchies('/sys/fs/cgroup').find('devices') !== undefined;

/** What docker gives to root. */
const usual: CapabilityInfo.Capability[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
];

describe.runIf(canUseLinuxLauncher)('no way out', () => {
  let scene: Scene;

  async function start(more = ''): Promise<void> {
    const isolation = `filesystem/linux,namespaces/pid,namespaces/ipc,linux/capabilities${more}`;
    scene = await createLinuxScene(isolation, {
      bounding_capabilities: { capabilities: usual },
    });
  }

  afterEach(async () => scene?.end());

  test('by the kernel’s files: proc, sys and cgroup mounts', async () => {
    await start();
    const attempts = [
      'echo "|/tmp/x" >/proc/sys/kernel/core_pattern',
      'mount -o remount,rw /proc/sys',
      'umount /proc/sys',
      'mount -t cgroup -o freezer none /tmp',
      'mount -t cgroup2 none /tmp',
      'mount -t proc none /tmp',
      'mount -o remount,rw /sys',
      'echo x >/sys/kernel/uevent_helper',
      'cat /proc/1/root/etc/shadow',
      'nsenter -t 1 -m true',
      'unshare -m true',
      `chroot /proc/1/cwd ls ${scene.root}`,
    ];
    const script = attempts.map((each, place) => `(${each}) && echo ${place} worked`).join('\n');
    const { out } = await scene.run('kernel', script, { rootfs: createRootfs(scene.root) });
    expect(out).toBe('');
  });

  test.runIf(hasDevices)('by nodes of the host’s devices', async () => {
    await start(',cgroups/devices');
    const disk = Number(statSync('/').dev);
    const script = `mknod d b ${disk >> 8} ${disk & 255} && head -c1 d; mknod m c 1 1 && head -c1 m`;
    const { out, err } = await scene.run('devices', script, { rootfs: createRootfs(scene.root) });
    expect(out).toBe('');
    expect(err.match(/Operation not permitted/g)).toHaveLength(2);
  });

  test('by a root file system whose /proc, /sys or /dev is a link', async () => {
    await start();
    const rootfs = createRootfs(scene.root);
    const outside = join(scene.root, 'outside');
    mkdirSync(outside);
    for (const name of ['proc', 'sys', 'dev', 'mnt']) {
      symlinkSync(outside, join(rootfs, name));
    }
    // Where these lead for whoever is in there.
    mkdirSync(join(rootfs, outside), { recursive: true });
    await scene.run('links', 'echo >/proc/self/attr/exec; true', { rootfs });
    expect(readdirSync(outside)).toEqual([]);
    expect(mountsBelow(outside)).toEqual([]);
  });

  test('what is written to /proc goes to the kernel', async () => {
    await start();
    const rootfs = createRootfs(scene.root);
    const script =
      'stat -f -c %T /proc /proc/self/oom_score_adj; echo 500 >/proc/self/oom_score_adj';
    const { out, err } = await scene.run('proc', script, { rootfs });
    expect({ out, err }).toEqual({ out: 'proc\nproc\n', err: '' });
  });

  test('by directories exchanged for links while mounts are made', async () => {
    await start();
    const outside = join(scene.root, 'outside');
    mkdirSync(join(outside, 'inner'), { recursive: true });
    writeFileSync(join(outside, 'inner/secret'), 'secret');
    const sandbox = await scene.launch('pod', 'sleep 1500');
    const swapper = spawn(process.execPath, ['-e', swapping, outside], { cwd: sandbox });
    const swapped = new Promise((resolve) => swapper.once('exit', resolve));
    try {
      for (let round = 0; round < 20; round++) {
        const id = { value: `inner${round}`, parent: rootId('pod') };
        const sandboxPath = { type: 'PARENT', path: 'place/inner' } as const;
        const volume = {
          source: { type: 'SANDBOX_PATH', sandboxPath },
          containerPath: 'v',
          mode: 'RW',
        } as const;
        const more = { containerInfo: { type: 'MESOS', volumes: [volume] } } as const;
        // A launch that meets a link fails, or sees what the link means inside: both are right.
        await scene.run(id, 'cat v/secret; echo x >v/written', more).catch(() => undefined);
      }
    } finally {
      swapper.kill('SIGKILL');
      await swapped;
    }
    const printed = readdirSync(join(sandbox, 'containers')).map((name) => {
      const path = join(sandbox, 'containers', name, 'stdout');
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    });
    expect(printed.join('')).toBe('');
    expect(readdirSync(join(outside, 'inner'))).toEqual(['secret']);
    expect(mountsBelow(outside)).toEqual([]);
  });

  test('by a nested sandbox whose way is a link', async () => {
    await start();
    const sandbox = await scene.launch('pod', 'sleep 1501');
    const outside = join(scene.root, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(sandbox, 'containers'));
    const id = { value: 'inner', parent: rootId('pod') };
    await expect(scene.launch(id, 'true')).rejects.toThrow();
    expect(readdirSync(outside)).toEqual([]);
  });

  test('by a working directory or a volume beside the root file system', async () => {
    await start();
    const rootfs = createRootfs(scene.root);
    const volume = { containerPath: '/../../../../beside', hostPath: '/etc', mode: 'RO' } as const;
    const more = { containerInfo: { type: 'MESOS', volumes: [volume] } } as const;
    const { out } = await scene.run('up', 'ls -d /beside; ls /..', { rootfs, ...more });
    expect(out.split('\n')[0]).toBe('/beside');
    expect(out).not.toContain('work\n');
    expect(existsSync(join(rootfs, 'beside'))).toBe(true);
    expect(existsSync('/beside')).toBe(false);
  });

  test('by the user: no id, group, capability or file of root’s is left', async () => {
    await start();
    const sandbox = scene.sandbox('user');
    chownSync(sandbox, 65534, 65534);
    const script = [
      'grep -E "^(Uid|Gid|Groups|Cap(Inh|Prm|Eff|Amb)):" /proc/self/status',
      'touch mine; stat -c "%U %n" mine stdout stderr',
      'cat /etc/shadow',
    ].join('\n');
    const { out, err } = await scene.run('user', script, { user: 'nobody' });
    const none = '0000000000000000';
    const ids = '65534\t65534\t65534\t65534';
    expect(out).toBe(
      `Uid:\t${ids}\nGid:\t${ids}\nGroups:\t \nCapInh:\t${none}\nCapPrm:\t${none}\nCapEff:\t${none}\nCapAmb:\t${none}\nnobody mine\nnobody stdout\nnobody stderr\n`,
    );
    expect(err).toContain('/etc/shadow: Permission denied');
  });
});

/** As fast as it goes: a directory, a link, a directory … in one place. */
const swapping = `
const { mkdirSync, rmSync, symlinkSync, unlinkSync } = require('fs');
for (;;) {
  try {
    rmSync('place', { recursive: true, force: true });
    symlinkSync(process.argv[1], 'place');
    unlinkSync('place');
    mkdirSync('place/inner', { recursive: true });
  } catch {}
}`;
