import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { conform } from '@mesita/sdk/conformance';
import { Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import diskXfs from '../../src/isolators/disk/xfs/index.ts';
import { createScene, rootId, type Scene, until } from '../system/containerizer/scene.ts';

// Project quotas of a real XFS.

const megabyte = 1 << 20;

const directory = mkdtempSync('/mnt/xfs/conformance-');
afterAll(() => rmSync(directory, { recursive: true }));
conform(test, diskXfs, { directory, patienceMs: 30_000 });

describe('disk/xfs', () => {
  let scene: Scene;

  async function start(flags: object = {}, root = mkdtempSync('/mnt/xfs/scene-')): Promise<void> {
    mkdirSync(join(root, 'work'), { recursive: true });
    scene = await createScene({ isolation: 'disk/xfs' }, root, {
      enforce_container_disk_quota: true,
      container_disk_watch_interval: 50,
      disk_watch_interval: 50,
      ...flags,
    });
  }

  afterEach(async () => scene?.end());

  const disk = (megabytes: number, volume?: string): Resource => ({
    name: 'disk',
    type: 'SCALAR',
    scalar: { value: megabytes },
    ...(volume && {
      reservations: [{ type: 'DYNAMIC', role: 'r' }],
      disk: { persistence: { id: volume }, volume: { mode: 'RW', containerPath: volume } },
    }),
  });

  const launch = (name: string, script: string, resources: Resource[]) =>
    scene.launch(name, script, { resources });

  const fill = (path: string, megabytes: number): string =>
    `head -c ${megabytes * megabyte} /dev/zero >${path}`;

  test('a write beyond the quota fails, as on a full disk, and is told', async () => {
    await start();
    // What it prints lies in the sandbox, too: only when there is room again.
    const script = `${fill('a', 3)} && echo fits; ${fill('b', 3)} || { rm b; echo full; }; sleep 1600`;
    await launch('full', script, [disk(4)]);
    await until(() => scene.read('work/full/stdout') === 'fits\nfull\n');
    const usage = await scene.containerizer.usage(rootId('full'));
    expect(usage.diskLimitBytes).toBe(4 * megabyte);
    expect(usage.diskUsedBytes).toBeGreaterThan(3 * megabyte);
    expect(usage.diskUsedBytes).toBeLessThanOrEqual(4 * megabyte);
  });

  test('more disk, more space', async () => {
    await start();
    const script = `until ${fill('a', 6)} 2>/dev/null; do sleep 0.05; done; echo fits`;
    await launch('grown', script, [disk(4)]);
    await scene.containerizer.update(rootId('grown'), Resources.of([disk(8)]), {});
    await scene.containerizer.wait(rootId('grown'));
    expect(scene.read('work/grown/stdout')).toBe('fits\n');
  });

  test('who goes beyond it is ended, where that is asked for', async () => {
    await start({ xfs_kill_containers: true });
    await launch('over', `${fill('a', 6)}; sleep 1601`, [disk(4)]);
    const end = await scene.containerizer.wait(rootId('over'));
    expect(end).toMatchObject({
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LIMITATION_DISK',
    });
    // How much is reserved beyond what was written is the file system's business.
    expect(end?.message).toMatch(/^Disk usage \(\d+[KM]B\) exceeded quota \(4MB\) in '/);
  });

  test('volumes have quotas of their own', async () => {
    await start();
    const volume = join(scene.root, 'work/volumes/roles/r/v');
    mkdirSync(volume, { recursive: true });
    const script = `${fill('v/a', 3)}; ${fill('b', 1)} && echo fits; sleep 1602`;
    await launch('two', script, [disk(4), disk(2, 'v')]);
    await until(() => scene.read('work/two/stdout') === 'fits\n');
    expect(scene.read('work/two/stderr')).toContain('No space left on device');
    const { diskStatistics } = await scene.containerizer.usage(rootId('two'));
    expect(diskStatistics).toMatchObject([{ persistence: { id: 'v' }, limitBytes: 2 * megabyte }]);
    expect(diskStatistics?.[0]?.usedBytes).toBeLessThanOrEqual(2 * megabyte);
  });

  test('numbers of projects come back when sandboxes are removed, after a restart, too', async () => {
    await start({ xfs_project_range: '[7000-7000]' });
    await launch('first', 'true', [disk(4)]);
    await scene.containerizer.wait(rootId('first'));
    await expect(launch('second', 'true', [disk(4)])).rejects.toThrow('range exhausted');
    rmSync(scene.sandbox('first'), { recursive: true });
    await until(() =>
      launch('third', 'true', [disk(4)]).then(
        () => true,
        () => false,
      ),
    );
    await scene.containerizer.wait(rootId('third'));
    // Where an agent has its sandboxes: the next one finds them there.
    const runs = join(scene.root, 'work/slaves/S/frameworks/F/executors/E/runs');
    mkdirSync(runs, { recursive: true });
    renameSync(scene.sandbox('third'), join(runs, 'third'));
    await scene.containerizer.close();
    await start({ xfs_project_range: '[7000-7000]' }, scene.root);
    await scene.containerizer.recover([]);
    await expect(launch('fourth', 'true', [disk(4)])).rejects.toThrow('range exhausted');
  });
});

test('a work directory elsewhere is refused', async () => {
  const root = mkdtempSync('/tmp/mesita-no-xfs-');
  mkdirSync(join(root, 'work'));
  await expect(createScene({ isolation: 'disk/xfs' }, root)).rejects.toThrow(
    `Failed to create isolator 'disk/xfs': '${join(root, 'work')}' is not an XFS filesystem`,
  );
});
