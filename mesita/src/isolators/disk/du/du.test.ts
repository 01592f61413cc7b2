import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIsolatorScene, type IsolatorScene, scalar } from '../../scene.testing.ts';
import du from './index.ts';

let scene: IsolatorScene;
const id = { value: 'c' };
const megabyte = 1024 * 1024;

beforeEach(() => {
  scene = createIsolatorScene();
});

afterEach(() => scene.end());

async function create(enforce: boolean) {
  const parameters = {
    container_disk_watch_interval: 5,
    enforce_container_disk_quota: enforce,
  };
  return du.create(scene.context, parameters);
}

function fill(path: string, megabytes: number): void {
  writeFileSync(join(scene.sandbox, path), Buffer.alloc(megabytes * megabyte, 1));
}

test('a sandbox over its quota is a limitation', async () => {
  const isolator = await create(true);
  const config = { directory: scene.sandbox, commandInfo: {}, resources: [scalar('disk', 2)] };
  await isolator.prepare?.(id, config);
  const broken = isolator.watch?.(id, new AbortController().signal);
  fill('big', 3);
  expect(await broken).toMatchObject({
    reason: 'REASON_CONTAINER_LIMITATION_DISK',
    resources: [scalar('disk', 2)],
  });
  const usage = await isolator.usage?.(id);
  expect(usage?.diskLimitBytes).toBe(2 * megabyte);
  expect(usage?.diskUsedBytes).toBeGreaterThanOrEqual(3 * megabyte);
});

test('volumes and second names of a file do not count', async () => {
  const isolator = await create(false);
  mkdirSync(join(scene.sandbox, 'volume'));
  fill('volume/data', 3);
  fill('file', 1);
  linkSync(join(scene.sandbox, 'file'), join(scene.sandbox, 'again'));
  const volume = { mode: 'RW' as const, containerPath: 'volume' };
  const disk = { persistence: { id: 'p' }, volume };
  const resources = [scalar('disk', 8), scalar('disk', 4, { disk })];
  await isolator.prepare?.(id, { directory: scene.sandbox, commandInfo: {}, resources });
  const stop = new AbortController();
  const watched = isolator.watch?.(id, stop.signal);
  watched?.catch(() => {});
  for (let used: number | undefined; used === undefined; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    used = (await isolator.usage?.(id))?.diskUsedBytes;
  }
  stop.abort();
  const usage = await isolator.usage?.(id);
  expect(usage?.diskLimitBytes).toBe(8 * megabyte);
  expect(usage?.diskUsedBytes).toBeLessThan(2 * megabyte);
});
