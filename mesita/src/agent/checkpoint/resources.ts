// Reservations and volumes on disk, under the names and in the order of a C++ agent: what shall be
// is written first, then the volumes are made and removed, then it becomes what is.
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { persistentVolumePath, toPostRefinement } from '@mesita/sdk/resources';
import type { Operation, Resource } from '@mesita/sdk/types';
import { removeTree } from '../../linux/remove-tree.ts';
import { readCheckpoint, syncDirectory, writeCheckpoint } from '../../storage/checkpoint.ts';
import { frameRecord, parseRecords } from '../../storage/records.ts';
import { decode, encode } from '../../wire/protobuf.ts';
import * as agentState from '../../wire/schema/agent-state.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import type { ResourceRecord } from '../core/effects.ts';
import type { RecoveredResources } from '../core/recovered.ts';

export function resourcesPath(meta: string): string {
  return `${meta}/resources`;
}

const files = (folder: string) => ({
  state: join(folder, 'resources_and_operations.state'),
  stateTarget: join(folder, 'resources_and_operations.target'),
  info: join(folder, 'resources.info'),
  infoTarget: join(folder, 'resources.target'),
});

/** May be done again after it failed in the middle, and after a crash by `recoverResources`. */
export async function commitResources(folder: string, change: ResourceRecord): Promise<void> {
  const { before, resources, operations } = change;
  const { state, stateTarget, info, infoTarget } = files(folder);
  await writeCheckpoint(stateTarget, stateBytes({ resources, operations }));
  await writeCheckpoint(infoTarget, infoBytes(resources));
  await syncDirectory(folder);
  await changeVolumes(dirname(dirname(folder)), before, resources);
  await rename(infoTarget, info);
  await rename(stateTarget, state);
  await syncDirectory(folder);
}

function stateBytes({ resources, operations }: RecoveredResources): Uint8Array {
  return frameRecord(encode(agentState.ResourceState, { resources, operations }));
}

/** For agents from before operations. */
function infoBytes(resources: readonly Resource[]): Uint8Array {
  return Buffer.concat(resources.map((one) => frameRecord(encode(mesos.Resource, one))));
}

async function changeVolumes(
  workDir: string,
  before: readonly Resource[],
  after: readonly Resource[],
): Promise<void> {
  const [old, wanted] = [volumesOf(workDir, before), volumesOf(workDir, after)];
  for (const path of wanted.keys()) {
    if (!old.has(path)) await mkdir(path, { recursive: true });
  }
  for (const [path, { disk }] of old) {
    if (wanted.has(path)) continue;
    if (disk?.source?.type === 'MOUNT') await emptyDirectory(path);
    else await removeTree(path);
  }
}

function volumesOf(workDir: string, resources: readonly Resource[]): Map<string, Resource> {
  const volumes = new Map<string, Resource>();
  for (const resource of resources) {
    const path = persistentVolumePath(workDir, resource);
    if (path !== undefined) volumes.set(path, resource);
  }
  return volumes;
}

/** The root of a mount stays. */
async function emptyDirectory(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) await removeTree(inside);
    else await unlink(inside);
  }
}

/** Undefined when nothing was ever made. A change that was under way is brought to its end. */
export async function recoverResources(meta: string): Promise<RecoveredResources | undefined> {
  const folder = resourcesPath(meta);
  const { state, stateTarget, info } = files(folder);
  const committed = (await readState(state)) ?? (await readInfo(info));
  const target = await readState(stateTarget);
  if (!target) return committed;
  const before = committed?.resources ?? [];
  await commitResources(folder, { kind: 'resources', before, ...target });
  return target;
}

async function readState(path: string): Promise<RecoveredResources | undefined> {
  const [record] = await readRecords(path);
  if (!record) return undefined;
  const { resources = [], operations = [] } = decode(agentState.ResourceState, record);
  return { resources: resources.map(toPostRefinement), operations: operations as Operation[] };
}

async function readInfo(path: string): Promise<RecoveredResources | undefined> {
  const records = await readRecords(path);
  if (records.length === 0) return undefined;
  const resources = records.map((record) => toPostRefinement(decode(mesos.Resource, record)));
  return { resources, operations: [] };
}

async function readRecords(path: string): Promise<readonly Uint8Array[]> {
  const bytes = await readCheckpoint(path);
  const records = parseRecords(bytes ?? new Uint8Array());
  if (!records.ok) throw new Error(`Failed to read resources from '${path}': ${records.error}`);
  return records.value.records;
}
