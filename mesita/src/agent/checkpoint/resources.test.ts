import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation, Resource } from '@mesita/sdk/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { frameRecord } from '../../storage/records.ts';
import { encode } from '../../wire/protobuf.ts';
import * as agentState from '../../wire/schema/agent-state.ts';
import { metaPath } from './paths.ts';
import { commitResources, recoverResources, resourcesPath } from './resources.ts';

const volume: Resource = {
  name: 'disk',
  type: 'SCALAR',
  scalar: { value: 64 },
  reservations: [{ type: 'DYNAMIC', role: 'eng/web' }],
  disk: { persistence: { id: 'v' }, volume: { mode: 'RW', containerPath: 'data' } },
};
const operation: Operation = {
  info: { type: 'CREATE', create: { volumes: [volume] } },
  latestStatus: { state: 'OPERATION_FINISHED', uuid: { value: new Uint8Array(16).fill(3) } },
  uuid: { value: new Uint8Array(16).fill(4) },
};

let workDir: string;
beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'mesita-resources-'));
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

const folder = () => resourcesPath(metaPath(workDir));
const roles = () => join(workDir, 'volumes/roles');
const commit = (before: Resource[], resources: Resource[], operations: Operation[] = []) =>
  commitResources(folder(), { kind: 'resources', before, resources, operations });

test('a volume is made, remembered, and removed with what is in it', async () => {
  await commit([], [volume], [operation]);
  expect(await recoverResources(metaPath(workDir))).toEqual({
    resources: [volume],
    operations: [operation],
  });
  await writeFile(join(roles(), 'eng web/v/file'), 'precious');
  await commit([volume], []);
  expect(await readdir(join(roles(), 'eng web'))).toEqual([]);
  expect(await recoverResources(metaPath(workDir))).toEqual({ resources: [], operations: [] });
});

test('nothing was ever made', async () => {
  expect(await recoverResources(metaPath(workDir))).toBeUndefined();
});

test('what an agent was about to do when it died is brought to its end', async () => {
  await commit([], [volume]);
  const target = encode(agentState.ResourceState, { resources: [], operations: [operation] });
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), 'resources_and_operations.target'), frameRecord(target));
  expect(await recoverResources(metaPath(workDir))).toEqual({
    resources: [],
    operations: [operation],
  });
  expect(await readdir(join(roles(), 'eng web'))).toEqual([]);
  expect((await readdir(folder())).sort()).toEqual([
    'resources.info',
    'resources_and_operations.state',
  ]);
});

test('the root of a mount stays, empty', async () => {
  const root = join(workDir, 'mount');
  const source = { type: 'MOUNT' as const, mount: { root } };
  const mounted = { ...volume, disk: { ...volume.disk, source } };
  await commit([], [mounted]);
  await writeFile(join(root, 'file'), 'old');
  await commit([mounted], []);
  expect(await readdir(root)).toEqual([]);
});
