import { chown, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerID, Resource } from '@mesita/sdk/types';
import { isWithin, type Mount, readMounts } from '../../../linux/mount-table.ts';
import { bindInside, unmountInside, withReadOnly } from '../../../linux/mounts.ts';
import { type PersistentVolume, readPersistentVolumes } from '../persistent-volume.ts';

interface Sandbox {
  readonly directory: string;
  /** By path in the sandbox. Undefined: an earlier agent mounted them, the mount table tells. */
  mounted: Map<string, PersistentVolume> | undefined;
}

/**
 * Persistent volumes, mounted in sandboxes on the host: from there they spread into the containers,
 * also those that run already.
 */
interface VolumeMounts {
  remember(id: ContainerID, directory: string): void;
  /** Once after a restart: takes up the sandboxes of those that live, unmounts in all others. */
  recover(known: ReadonlyMap<ContainerID, string>): Promise<void>;
  /** Mounts new volumes, unmounts those that are gone. */
  update(id: ContainerID, resources: readonly Resource[]): Promise<void>;
  /** Unmounts what is left in the sandbox. Harmless for a container it never saw. */
  forget(id: ContainerID): Promise<void>;
}

export function createVolumeMounts(workDir: string, runtimeDir: string): VolumeMounts {
  const sandboxes = new Map<string, Sandbox>();

  const isUsed = (source: string): boolean =>
    [...sandboxes.values()].some(({ mounted }) =>
      [...(mounted?.values() ?? [])].some((volume) => volume.source === source),
    );

  async function mount(sandbox: Sandbox, volume: PersistentVolume): Promise<void> {
    const { source, path, readOnly } = volume;
    const owner = await stat(sandbox.directory);
    // Root may write to it anyway, and of a volume in use others are the owners.
    if (owner.uid !== 0 && !isUsed(source)) await chown(source, owner.uid, owner.gid);
    const bind = (from: string) => bindInside(sandbox.directory, path, from, owner);
    const bound = readOnly ? withReadOnly(source, runtimeDir, bind) : bind(source);
    await bound.catch(failMount(volume));
    sandbox.mounted?.set(path, volume);
  }

  return {
    remember(id, directory) {
      sandboxes.set(id.value, { directory, mounted: new Map() });
    },
    async recover(known) {
      for (const [id, directory] of known) {
        sandboxes.set(id.value, { directory, mounted: undefined });
      }
      const base = join(await realpath(workDir).catch(() => workDir), 'slaves');
      const live = await Promise.all([...known.values()].map(pathOf));
      const mounts = (await readMounts()).filter(({ target }) => isWithin(target, base));
      const left = mounts.filter(({ target }) => !live.some((path) => isWithin(target, path)));
      await unmountAll(base, left);
    },
    async update(id, resources) {
      const sandbox = sandboxes.get(id.value);
      if (!sandbox) return;
      const wanted = readPersistentVolumes(workDir, resources);
      sandbox.mounted ??= await readMounted(sandbox.directory, wanted);
      for (const [path, { source }] of sandbox.mounted) {
        if (wanted.get(path)?.source === source) continue;
        await unmountInside(sandbox.directory, path);
        sandbox.mounted.delete(path);
      }
      for (const volume of wanted.values()) {
        if (!sandbox.mounted.has(volume.path)) await mount(sandbox, volume);
      }
    },
    async forget(id) {
      const sandbox = sandboxes.get(id.value);
      sandboxes.delete(id.value);
      if (!sandbox || sandbox.mounted?.size === 0) return;
      const directory = await pathOf(sandbox.directory);
      const mounts = (await readMounts()).filter(({ target }) => isWithin(target, directory));
      await unmountAll(directory, mounts);
    },
  };
}

function failMount({ source, path }: PersistentVolume) {
  return (cause: Error): never => {
    throw new Error(
      `Failed to mount persistent volume from '${source}' to '${path}': ${cause.message}`,
      { cause },
    );
  };
}

/** The innermost first. */
async function unmountAll(base: string, mounts: readonly Mount[]): Promise<void> {
  for (const { target } of mounts.toReversed()) {
    await unmountInside(base, target.slice(base.length));
  }
}

/** The table does not tell whose they are: what is mounted where one is wanted is that one. */
async function readMounted(
  directory: string,
  wanted: ReadonlyMap<string, PersistentVolume>,
): Promise<Map<string, PersistentVolume>> {
  const base = `${await pathOf(directory)}/`;
  const targets = (await readMounts()).map(({ target }) => target);
  return new Map(
    targets.flatMap((target) => {
      if (!target.startsWith(base)) return [];
      const path = target.slice(base.length);
      return [[path, wanted.get(path) ?? { source: '', path, readOnly: false }] as const];
    }),
  );
}

async function pathOf(directory: string): Promise<string> {
  return realpath(directory).catch(() => directory);
}
