import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Resources } from '@mesita/sdk/resources';
import type { Resource, Volume } from '@mesita/sdk/types';
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

// Mount namespaces, root file systems and volumes of real containers.

describe.runIf(canUseLinuxLauncher)('filesystem/linux', () => {
  let scene: Scene;

  async function start(isolation = 'filesystem/linux', flags = {}): Promise<void> {
    scene = await createLinuxScene(isolation, flags);
  }

  afterEach(async () => scene?.end());

  const volumes = (...list: Volume[]): Partial<ContainerConfig> => ({
    containerInfo: { type: 'MESOS', volumes: list },
  });

  test('what a container mounts shows nowhere else, and ends with it', async () => {
    await start();
    const { out, err } = await scene.run(
      'own',
      'mount -t tmpfs none /mnt && echo x >/mnt/only-here && ls /mnt',
    );
    expect({ out, err }).toEqual({ out: 'only-here\n', err: '' });
    expect(existsSync('/mnt/only-here')).toBe(false);
  });

  test('a root file system of its own, with what belongs in one', async () => {
    await start();
    const rootfs = createRootfs(scene.root);
    const script = [
      'pwd',
      'echo kept >in-sandbox',
      'ls /dev | tr "\\n" " "; echo',
      'test -c /dev/null && echo x >/dev/null && head -c1 /dev/zero | wc -c',
      'chmod 777 /dev/null',
      'echo 1 >/proc/sys/kernel/panic',
      'cat /proc/kcore /proc/keys /proc/key-users /proc/timer_list 2>/dev/null | wc -c',
      'ls /sys/fs/cgroup | wc -l',
      `ls ${scene.root}`,
      'touch /sys/x',
    ].join('\n');
    const { out, err } = await scene.run('rooted', script, { rootfs });
    expect(out.split('\n').filter(Boolean)).toEqual([
      '/mnt/mesos/sandbox',
      'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero ',
      '1',
      '0',
      '0',
    ]);
    for (const what of ['/dev/null', '/proc/sys/kernel/panic', '/sys/x'])
      expect(err).toContain(what);
    expect(err.match(/Read-only file system/g)).toHaveLength(3);
    expect(err).toContain(`cannot access '${scene.root}'`);
    expect(scene.read('work/rooted/in-sandbox')).toBe('kept\n');
    expect(mountsBelow(rootfs)).toEqual([join(rootfs, 'usr')]);
  });

  test('volumes of the host, read only and not', async () => {
    await start();
    const shared = join(scene.root, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'file'), 'of the host');
    const { out, err } = await scene.run(
      'mounts',
      'cat ro/file; touch ro/new; touch rw/new; cat one',
      volumes(
        { hostPath: shared, containerPath: 'ro', mode: 'RO' },
        {
          source: { type: 'HOST_PATH', hostPath: { path: shared } },
          containerPath: 'rw',
          mode: 'RW',
        },
        { hostPath: join(shared, 'file'), containerPath: 'one', mode: 'RO' },
      ),
    );
    expect(out).toBe('of the hostof the host');
    expect(err).toContain("cannot touch 'ro/new': Read-only file system");
    expect(existsSync(join(shared, 'new'))).toBe(true);
    expect(mountsBelow(scene.sandbox('mounts'))).toEqual([]);
  });

  test('mounts in a volume spread both ways where that is asked for', async () => {
    await start('filesystem/linux,namespaces/pid');
    const shared = join(scene.root, 'shared');
    for (const name of ['in', 'out']) mkdirSync(join(shared, name), { recursive: true });
    const volume = (path: string) =>
      volumes({
        source: {
          type: 'HOST_PATH',
          hostPath: { path, mountPropagation: { mode: 'BIDIRECTIONAL' } },
        },
        containerPath: 'v',
        mode: 'RW',
      });
    await expect(scene.launch('alone', 'true', volume(shared))).rejects.toThrow(
      `Cannot setup bidirectional mount propagation for host path '${shared}' because it is not under a shared mount`,
    );
    execFileSync('mount', ['--bind', shared, shared]);
    execFileSync('mount', ['--make-shared', shared]);
    const script =
      'mount -t tmpfs in v/in; echo x >v/in/file; while [ ! -e v/out/file ]; do sleep 0.05; done; echo seen; ls -l /proc/self/fd | grep -vc /proc/';
    await scene.launch('peer', script, volume(shared));
    await until(() => existsSync(join(shared, 'in/file')));
    execFileSync('mount', ['-t', 'tmpfs', 'out', join(shared, 'out')]);
    writeFileSync(join(shared, 'out/file'), '');
    await scene.containerizer.wait(rootId('peer'));
    expect(scene.read('work/peer/stdout')).toBe('seen\n4\n');
    expect(mountsBelow(join(shared, 'in'))).toEqual([join(shared, 'in')]);
  });

  test.each([
    ['../up', 'leads out of the sandbox'],
    ['a/../../up', 'leads out of the sandbox'],
    ['/no/such/place', 'It must exist if the container shares the host filesystem'],
  ])('%s is no place for a volume', async (containerPath, text) => {
    await start();
    const made = scene.launch(
      'bad',
      'true',
      volumes({ hostPath: '/etc', containerPath, mode: 'RO' }),
    );
    await expect(made).rejects.toThrow(text);
    expect(await scene.containerizer.containers()).toEqual([]);
  });

  test('a path of the host is made where the operator allows it', async () => {
    const allowed = '/tmp/mesita-volumes-allowed';
    await start('filesystem/linux', { host_path_volume_force_creation: `/nosuch:${allowed}` });
    const want = (path: string) => volumes({ hostPath: path, containerPath: 'v', mode: 'RW' });
    const made = join(scene.root, 'new');
    await expect(scene.launch('no', 'true', want(made))).rejects.toThrow(
      `Path '${made}' in HOST_PATH volume does not exist and is not whitelisted for creation: Path '${made}' is not whitelisted`,
    );
    try {
      await scene.run('yes', 'touch v/x', want(join(allowed, 'deep')));
      expect(existsSync(join(allowed, 'deep/x'))).toBe(true);
    } finally {
      execFileSync('rm', ['-rf', allowed]);
    }
  });

  test("a nested container sees what its parent's sandbox holds, whoever swaps links", async () => {
    await start();
    const sandbox = await scene.launch('pod', 'mkdir data; echo parent >data/file; sleep 1200');
    await until(() => existsSync(join(sandbox, 'data/file')));
    mkdirSync(join(scene.root, 'secret'));
    writeFileSync(join(scene.root, 'secret/file'), 'secret');
    symlinkSync(join(scene.root, 'secret'), join(sandbox, 'trap'));
    const child = (value: string) => ({ value, parent: rootId('pod') });
    const nested = async (name: string, path: string) => {
      const { out } = await scene.run(
        child(name),
        'cat v/file; echo mine >v/new',
        volumes({
          source: { type: 'SANDBOX_PATH', sandboxPath: { type: 'PARENT', path } },
          containerPath: 'v',
          mode: 'RW',
        }),
      );
      return out;
    };
    expect(await nested('one', 'data')).toBe('parent\n');
    expect(readFileSync(join(sandbox, 'data/new'), 'utf8')).toBe('mine\n');
    expect(await nested('fresh', 'made/here')).toBe('');
    expect(existsSync(join(sandbox, 'made/here/new'))).toBe(true);
    expect(await nested('trapped', 'trap')).toBe('');
    expect(existsSync(join(scene.root, 'secret/new'))).toBe(false);
  });

  test('the own sandbox elsewhere', async () => {
    await start();
    const place = join(scene.root, 'place');
    mkdirSync(place);
    const { out } = await scene.run(
      'self',
      `echo hi >sub/f; cat ${place}/f`,
      volumes({
        source: { type: 'SANDBOX_PATH', sandboxPath: { type: 'SELF', path: 'sub' } },
        containerPath: place,
        mode: 'RW',
      }),
    );
    expect(out).toBe('hi\n');
    expect(existsSync(join(place, 'f'))).toBe(false);
  });

  describe('persistent volumes', () => {
    const volume = (id: string, containerPath: string, mode: 'RW' | 'RO' = 'RW'): Resource => ({
      name: 'disk',
      type: 'SCALAR',
      scalar: { value: 1 },
      reservations: [{ type: 'DYNAMIC', role: 'eng' }],
      disk: { persistence: { id }, volume: { mode, containerPath } },
    });

    function createVolume(id: string): string {
      const path = join(scene.root, 'work/volumes/roles/eng', id);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'file'), id);
      return path;
    }

    test('come and go while the container runs, belong to its user, and outlive it', async () => {
      await start();
      const [first, second] = [createVolume('v1'), createVolume('v2')];
      const sandbox = scene.sandbox('db');
      chmodSync(sandbox, 0o755);
      execFileSync('chown', ['nobody', sandbox]);
      const script = [
        'cat data/file; id -un; touch data/mine || exit 1',
        'while [ ! -e late/file ]; do sleep 0.05; done; cat late/file; touch late/x',
        'while [ -e late/file ]; do sleep 0.05; done; echo gone; sleep 1201',
      ].join('\n');
      await scene.launch('db', script, { user: 'nobody', resources: [volume('v1', 'data')] });
      const out = (): string => scene.read('work/db/stdout');
      await until(() => out() === 'v1nobody\n');
      await until(() => existsSync(join(first, 'mine')));
      const set = (list: Resource[]) =>
        scene.containerizer.update(rootId('db'), Resources.of(list), {});
      await set([volume('v1', 'data'), volume('v2', 'late', 'RO')]);
      await until(() => out() === 'v1nobody\nv2');
      expect(existsSync(join(second, 'x'))).toBe(false);
      await set([volume('v1', 'data')]);
      await until(() => out().endsWith('gone\n'));
      await scene.containerizer.destroy(rootId('db'));
      expect(mountsBelow(sandbox)).toEqual([]);
      expect(readFileSync(join(first, 'file'), 'utf8')).toBe('v1');
    });

    test('stay over a restart of the agent, and are unmounted where nobody lives', async () => {
      await start();
      createVolume('v1');
      const sandbox = await scene.launch('kept', 'sleep 1202', {
        resources: [volume('v1', 'data')],
      });
      // What a crash between the end of a container and its cleanup leaves.
      const dead = join(scene.root, 'work/slaves/S/frameworks/F/executors/E/runs/dead');
      const mounted = join(dead, 'data');
      mkdirSync(mounted, { recursive: true });
      execFileSync('mount', ['--bind', '/etc', mounted]);
      const { executorPid: pid = 0 } = await scene.containerizer.status(rootId('kept'));
      await scene.containerizer.close();
      scene = await createLinuxScene('filesystem/linux', {}, scene);
      await scene.containerizer.recover([
        { containerId: rootId('kept'), pid, directory: scene.sandbox('kept') },
      ]);
      expect(mountsBelow(dead)).toEqual([]);
      expect(mountsBelow(sandbox)).toEqual([join(sandbox, 'data')]);
      const resources = Resources.of([volume('v1', 'data')]);
      await scene.containerizer.update(rootId('kept'), resources, {});
      expect(mountsBelow(sandbox)).toEqual([join(sandbox, 'data')]);
      await scene.containerizer.destroy(rootId('kept'));
      expect(mountsBelow(sandbox)).toEqual([]);
      expect(scene.read('work/volumes/roles/eng/v1/file')).toBe('v1');
    });

    test('are mounted in the sandbox and nowhere else, whatever links are there', async () => {
      await start();
      createVolume('v1');
      const trap = join(scene.root, 'outside');
      mkdirSync(trap);
      symlinkSync(trap, join(scene.sandbox('trap'), 'data'));
      const made = scene.launch('trap', 'true', { resources: [volume('v1', 'data')] });
      await expect(made).rejects.toThrow('Failed to mount persistent volume');
      expect(mountsBelow(trap)).toEqual([]);
    });
  });
});

describe.runIf(canUseLinuxLauncher)('filesystem/shared', () => {
  let scene: Scene;
  afterEach(async () => scene?.end());

  test('a directory of the host is another one for the container', async () => {
    scene = await createScene({ ...linuxLauncher(), isolation: 'filesystem/shared' });
    const place = join(scene.root, 'place');
    mkdirSync(place);
    chmodSync(place, 0o1777);
    const launch = (name: string, volume: Partial<Volume>) =>
      scene.launch(name, `touch ${place}/x; stat -c %a ${place}`, {
        executorInfo: {
          executorId: { value: 'e' },
          container: {
            type: 'MESOS',
            volumes: [{ containerPath: place, mode: 'RW', ...volume }],
          },
        },
      });
    await launch('private', { hostPath: 'private' });
    await scene.containerizer.wait(rootId('private'));
    expect(scene.read('work/private/stdout')).toBe('1777\n');
    expect(existsSync(join(scene.root, 'work/private/private/x'))).toBe(true);
    expect(existsSync(join(place, 'x'))).toBe(false);
    await expect(launch('up', { hostPath: '../up' })).rejects.toThrow(
      'cannot contain relative components',
    );
    await expect(launch('none', {})).rejects.toThrow('must specify host path');
    await expect(launch('missing', { hostPath: '/no/such' })).rejects.toThrow(
      "must have host path '/no/such' present on host",
    );
  });
});
