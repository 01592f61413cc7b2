import { execFileSync } from 'node:child_process';
import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CapabilityInfo, ContainerID, LinuxInfo } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { afterEach, describe, expect, test } from 'vitest';
import { mountsBelow } from '../../harness/mounts.ts';
import { createRootfs } from './rootfs.ts';
import {
  canUseLinuxLauncher,
  createLinuxScene,
  createScene,
  linuxLauncher,
  rootId,
  type Scene,
  until,
} from './scene.ts';

// namespaces/* and linux/*: what containers cannot see and cannot do.

describe.runIf(canUseLinuxLauncher)('isolators of namespaces and privileges', () => {
  let scene: Scene;

  async function start(isolation: string, flags = {}): Promise<void> {
    scene = await createLinuxScene(`filesystem/linux,${isolation}`, flags);
  }

  afterEach(async () => scene?.end());

  type Shell = [
    id: ContainerID,
    script: string,
    linuxInfo?: LinuxInfo,
    more?: Partial<ContainerConfig>,
  ];
  const configOf = (linuxInfo: LinuxInfo = {}, more: Partial<ContainerConfig> = {}) =>
    ({ containerInfo: { type: 'MESOS', linuxInfo }, ...more }) as const;
  const launch = (...[id, script, linuxInfo, more]: Shell) =>
    scene.launch(id, script, configOf(linuxInfo, more));
  const run = (...[id, script, linuxInfo, more]: Shell) =>
    scene.run(id, script, configOf(linuxInfo, more));

  const child = (value: string, parent: ContainerID): ContainerID => ({ value, parent });

  test('namespaces/pid: nobody else is to be seen', async () => {
    await start('namespaces/pid');
    const pod = rootId('pod');
    const { out } = await run(rootId('own'), 'ls /proc | grep -c "^[0-9]"; kill -9 1; echo $?');
    // The first process of the namespace, the shell, `ls` and `grep`.
    expect(Number(out.split('\n')[0])).toBeLessThanOrEqual(4);
    await launch(pod, 'sleep 1210');
    const seen = 'readlink /proc/self/ns/pid; cat /proc/[0-9]*/comm | grep -c sleep';
    const inner = await run(child('own', pod), seen);
    const sharing = await run(child('sharing', pod), seen, { sharePidNamespace: true });
    const { executorPid = 0 } = await scene.containerizer.status(pod);
    const podsOwn = readlinkSync(`/proc/${executorPid}/ns/pid`);
    expect(sharing.out).toBe(`${podsOwn}\n1\n`);
    expect(inner.out.endsWith('\n0\n')).toBe(true);
    expect(inner.out).not.toContain(podsOwn);
    const debug = await run(child('debug', pod), seen, {}, { containerClass: 'DEBUG' });
    expect(debug.out).toBe(`${podsOwn}\n1\n`);
  });

  test("namespaces/pid: the agent's own only where that is allowed", async () => {
    await start('namespaces/pid');
    const agents = readlinkSync('/proc/self/ns/pid');
    const shares = { sharePidNamespace: true };
    const pod = rootId('pod');
    await launch(pod, 'readlink /proc/self/ns/pid; sleep 1211', shares);
    const inner = await run(child('inner', pod), 'readlink /proc/self/ns/pid', shares);
    expect(inner.out).toBe(`${agents}\n`);
    await scene.end();
    await start('namespaces/pid', { disallow_sharing_agent_pid_namespace: true });
    await expect(launch(rootId('no'), 'true', shares)).rejects.toThrow(
      'Sharing agent pid namespace with top-level container is not allowed',
    );
  });

  test('namespaces/ipc: memory of its own, of a size, or shared in a pod', async () => {
    await start('namespaces/ipc', { default_container_shm_size: 4 << 20 });
    const pod = rootId('pod');
    const fill = 'head -c 3000000 /dev/zero >/dev/shm/big && echo fits';
    await launch(pod, 'ipcmk -M 100 >/dev/null; echo of the pod >/dev/shm/file; sleep 1212', {
      ipcMode: 'PRIVATE',
      shmSize: 2,
    });
    const shm = join(scene.root, 'run/containers/pod/shm');
    await until(() => execFileSync('ls', [shm], { encoding: 'utf8' }) === 'file\n');
    const segments = 'ipcs -m | grep -c 0x; cat /dev/shm/file';
    const sharing = await run(child('sharing', pod), `${segments}; ${fill}`, {
      ipcMode: 'SHARE_PARENT',
    });
    expect(sharing.out).toBe('1\nof the pod\n');
    expect(sharing.err).toContain('No space left on device');
    const own = await run(child('own', pod), `${segments}; ${fill}`, { ipcMode: 'PRIVATE' });
    expect(own.out).toBe('0\nfits\n');
    const host = await run(rootId('host'), 'readlink /proc/self/ns/ipc', {
      ipcMode: 'SHARE_PARENT',
    });
    expect(host.out.trim()).toBe(readlinkSync('/proc/self/ns/ipc'));
    await expect(launch(rootId('bad'), 'true', { shmSize: 2 })).rejects.toThrow(
      'Only support specifying the size of /dev/shm when the IPC mode is `PRIVATE`',
    );
    await scene.containerizer.destroy(pod);
    expect(mountsBelow(join(scene.root, 'run'))).toEqual([]);
  });

  test('linux/nnp: a program of root stays its user', async () => {
    await start('linux/nnp');
    const { out } = await run(rootId('nnp'), 'grep NoNewPrivs /proc/self/status');
    expect(out).toBe('NoNewPrivs:\t1\n');
  });

  const only = (...capabilities: CapabilityInfo.Capability[]): CapabilityInfo => ({
    capabilities,
  });

  test('linux/capabilities: root without them is nobody much', async () => {
    await start('linux/capabilities', {
      effective_capabilities: only('CHOWN'),
      bounding_capabilities: only('CHOWN', 'NET_RAW'),
    });
    const script = 'touch f; chown 1 f && echo chown; mknod d c 1 3; grep Cap /proc/self/status';
    const { out, err } = await run(rootId('few'), script);
    expect(out).toContain('chown\n');
    expect(err).toContain('Operation not permitted');
    expect(out).toMatch(/CapInh:\t0+\n/);
    // Of root the kernel takes the bounding set whenever it runs a program.
    expect(out).toMatch(/CapEff:\t0+2001\n/);
    expect(out).toMatch(/CapBnd:\t0+2001\n/);
    const asNobody = await run(
      rootId('ambient'),
      'grep -E "Cap(Eff|Amb)" /proc/self/status',
      { effectiveCapabilities: only('NET_RAW') },
      { user: 'nobody' },
    );
    expect(asNobody.out).toMatch(/CapEff:\t0+2000\nCapAmb:\t0+2000\n/);
    const refused = launch(rootId('much'), 'true', { effectiveCapabilities: only('SYS_ADMIN') });
    await expect(refused).rejects.toThrow(
      "Requested capabilities '{ SYS_ADMIN }', but only '{ CHOWN, NET_RAW }' are allowed",
    );
  });

  test('linux/seccomp: a call that the profile denies', async () => {
    const profile = (names: string[]): string =>
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        archMap: [],
        syscalls: [{ names, action: 'SCMP_ACT_ERRNO', includes: {}, excludes: {}, args: [] }],
      });
    const directory = join('/tmp', `mesita-seccomp-${process.pid}`);
    mkdirSync(directory);
    try {
      writeFileSync(join(directory, 'default.json'), profile(['mkdir', 'mkdirat']));
      writeFileSync(join(directory, 'other.json'), profile(['chmod', 'fchmodat']));
      writeFileSync(join(directory, 'broken.json'), profile(['no_such_call']));
      await start('linux/seccomp', {
        seccomp_config_dir: directory,
        seccomp_profile_name: 'default.json',
      });
      const script = 'mkdir d; touch f; chmod 700 f; grep Seccomp: /proc/self/status';
      const first = await run(rootId('default'), script);
      expect(first.err).toContain('mkdir: cannot create directory');
      expect(first.err).not.toContain('chmod');
      expect(first.out).toBe('Seccomp:\t2\n');
      const other = await run(rootId('other'), script, { seccomp: { profileName: 'other.json' } });
      expect(other.err).toContain('chmod: changing permissions');
      const free = await run(rootId('free'), script, { seccomp: { unconfined: true } });
      expect(free).toMatchObject({ out: 'Seccomp:\t0\n', err: '' });
      for (const [profileName, text] of [
        ['broken.json', "Unrecognized syscall 'no_such_call'"],
        ['../../etc/passwd', 'It is outside of the directory'],
        ['missing.json', 'Failed to read Seccomp profile file'],
      ] as const) {
        const made = launch(rootId('bad'), 'true', { seccomp: { profileName } });
        await expect(made).rejects.toThrow(text);
      }
    } finally {
      execFileSync('rm', ['-r', directory]);
    }
  });

  test('linux/devices: allowed ones are in the root file system, with their rights', async () => {
    const access = { read: true, write: false, mknod: false };
    await start('linux/devices', {
      allowed_devices: { allowedDevices: [{ device: { path: '/dev/loop-control' }, access }] },
    });
    const rootfs = createRootfs(scene.root);
    const { out, err } = await run(
      rootId('dev'),
      'stat -c "%a %F" /dev/loop-control; chmod 666 /dev/loop-control',
      {},
      { rootfs },
    );
    expect(out).toBe('644 character special file\n');
    expect(err).toContain('Read-only file system');
  });
});

test.runIf(canUseLinuxLauncher).each([
  ['filesystem/linux', 'posix', "'filesystem/linux' isolator requires 'linux' launcher"],
  ['namespaces/pid', 'linux', "'filesystem/linux' must be used to enable pid namespace"],
  ['namespaces/ipc', 'linux', "'filesystem/linux' must be used to enable IPC namespace"],
  ['namespaces/pid', 'posix', "'linux' launcher must be used to enable pid namespace"],
  ['volume/host_path', 'linux', "'filesystem/linux' isolator must be used"],
  ['linux/devices', 'linux', "'filesystem/linux' isolator must be used"],
  ['network/ports', 'posix', "The 'network/ports' isolator requires the 'linux' launcher"],
  ['windows/cpu', 'posix', 'it works on Windows only'],
  ['linux/seccomp', 'linux', 'Missing required `--seccomp_config_dir` flag'],
])('%s with the %s launcher alone is refused', async (isolation, launcher, text) => {
  const options = launcher === 'linux' ? linuxLauncher() : { launcher };
  await expect(createScene({ ...options, isolation })).rejects.toThrow(
    `Failed to create isolator '${isolation}': ${text}`,
  );
});
