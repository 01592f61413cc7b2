import { existsSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIsolatorScene, type IsolatorScene, scalar } from '../../scene.testing.ts';
import filesystemPosix from './index.ts';

let scene: IsolatorScene;
const id = { value: 'c' };

beforeEach(() => {
  scene = createIsolatorScene();
});

afterEach(() => scene.end());

function volume(containerPath: string): Resource {
  return scalar('disk', 1, {
    reservations: [{ type: 'DYNAMIC', role: 'eng/dev' }],
    disk: { persistence: { id: 'p1' }, volume: { mode: 'RW', containerPath } },
  });
}

function config(resources: Resource[]) {
  return { directory: scene.sandbox, commandInfo: {}, resources };
}

test('volumes are links that come and go', async () => {
  const isolator = await filesystemPosix.create(scene.context, {});
  await isolator.prepare?.(id, config([volume('deep/data')]));
  const link = join(scene.sandbox, 'deep/data');
  expect(readlinkSync(link)).toBe(join(scene.root, 'work/volumes/roles/eng dev/p1'));
  await isolator.update?.(id, Resources.of([volume('deep/data')]), {});
  expect(existsSync(join(scene.sandbox, 'deep'))).toBe(true);
  await isolator.update?.(id, Resources.of([]), {});
  expect(() => readlinkSync(link)).toThrow();
});

test.each(['/absolute', '../up', 'a/../../up', '.'])(
  '%s is no place for a volume',
  async (path) => {
    const isolator = await filesystemPosix.create(scene.context, {});
    await expect(isolator.prepare?.(id, config([volume(path)]))).rejects.toThrow('Container path');
  },
);

test('what stands in the way is not touched, nor followed', async () => {
  const isolator = await filesystemPosix.create(scene.context, {});
  writeFileSync(join(scene.sandbox, 'data'), 'mine');
  await expect(isolator.prepare?.(id, config([volume('data')]))).rejects.toThrow('exists already');
  symlinkSync(scene.root, join(scene.sandbox, 'trap'));
  await expect(isolator.prepare?.(id, config([volume('trap/x')]))).rejects.toThrow();
  expect(existsSync(join(scene.root, 'x'))).toBe(false);
});

test('a root file system is refused', async () => {
  const isolator = await filesystemPosix.create(scene.context, {});
  const withRoot = { ...config([]), rootfs: '/r' };
  await expect(isolator.prepare?.(id, withRoot)).rejects.toThrow(
    'Container root filesystems not supported',
  );
});
