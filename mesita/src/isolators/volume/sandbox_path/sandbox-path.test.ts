import { existsSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIsolatorScene, type IsolatorScene } from '../../scene.testing.ts';
import sandboxPath from './index.ts';

// Without mounts: volumes are links. With them, see the system tests.

let scene: IsolatorScene;
const pod = { value: 'pod' };
const inner = { value: 'inner', parent: pod };

beforeEach(() => {
  scene = createIsolatorScene();
});

afterEach(() => scene.end());

async function create() {
  const flags = { launcher: 'posix', isolation: '', sandbox_directory: '/mnt/mesos/sandbox' };
  const isolator = await sandboxPath.create(scene.context, flags);
  await isolator.prepare?.(pod, { directory: scene.sandbox, commandInfo: {} });
  return isolator;
}

function nested(volume: Partial<Volume>, more: Partial<ContainerConfig> = {}): ContainerConfig {
  const directory = join(scene.sandbox, 'containers/inner');
  mkdirSync(directory, { recursive: true });
  const whole: Volume = { containerPath: 'v', mode: 'RW', ...volume };
  return {
    directory,
    commandInfo: {},
    containerInfo: { type: 'MESOS', volumes: [whole] },
    ...more,
  };
}

const of = (type: 'SELF' | 'PARENT', path: string): Volume.Source => ({
  type: 'SANDBOX_PATH',
  sandboxPath: { type, path },
});

test("the parent's directory is made and linked to", async () => {
  const isolator = await create();
  expect(await isolator.prepare?.(inner, nested({ source: of('PARENT', 'data') }))).toBeUndefined();
  const link = join(scene.sandbox, 'containers/inner/v');
  expect(readlinkSync(link)).toBe(join(scene.sandbox, 'data'));
  expect(existsSync(join(scene.sandbox, 'data'))).toBe(true);
});

test('nothing is made through a link', async () => {
  const isolator = await create();
  symlinkSync(scene.root, join(scene.sandbox, 'trap'));
  const config = nested({ source: of('PARENT', 'trap/deep') });
  await isolator.prepare?.(inner, config);
  expect(existsSync(join(scene.root, 'deep'))).toBe(false);
});

test.each([
  [{ source: of('PARENT', '../up') }, 'leads out of the sandbox'],
  [{ source: of('PARENT', '/etc') }, "Path '/etc' in SANDBOX_PATH volume is absolute"],
  [{ source: of('SELF', 'x') }, "'container_path' is relative for SANDBOX_PATH volume SELF type"],
  [
    { source: of('SELF', 'x'), containerPath: '/mnt' },
    'must be enabled to support SANDBOX_PATH volume with absolute container path',
  ],
  [
    { source: { type: 'SANDBOX_PATH' as const, sandboxPath: { path: 'x' } } },
    'Unknown SANDBOX_PATH',
  ],
])('%j is refused', async (volume, text) => {
  const isolator = await create();
  await expect(isolator.prepare?.(inner, nested(volume))).rejects.toThrow(text);
});

test('who has no parent, a root file system or a debugger', async () => {
  const isolator = await create();
  const volume = { source: of('PARENT', 'data') };
  for (const [id, more, text] of [
    [pod, {}, 'SANDBOX_PATH volume PARENT type only works for nested container'],
    [inner, { rootfs: '/r' }, 'must be enabled to change the rootfs and bind mount'],
    [inner, { containerClass: 'DEBUG' }, 'not supported for DEBUG containers'],
  ] as const) {
    await expect(isolator.prepare?.(id, nested(volume, more))).rejects.toThrow(text);
  }
});
