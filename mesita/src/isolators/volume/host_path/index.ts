import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isAbsolute, normalize, relative } from 'node:path';
import { defineModule, param } from '@mesita/sdk/module';
import type { Volume } from '@mesita/sdk/types';
import type { ContainerMountInfo } from '@mesita/sdk/types/containerizer';
import { mount } from '../../../linux/constants.ts';
import { makeDirectoryInside } from '../../../linux/inside.ts';
import { findMountOf, isWithin, readMounts } from '../../../linux/mount-table.ts';
import { hasIsolator, need, surroundings } from '../../host-needs.ts';
import { mountVolume, volumesOf } from '../place.ts';

/** Files and directories of the host in the container. */
export default defineModule({
  kind: 'Isolator',
  name: 'volume/host_path',
  description: 'Volumes of the host: HOST_PATH, or an absolute host_path',
  parameters: {
    ...surroundings,
    sandbox_directory: param.string({ default: '/mnt/mesos/sandbox' }),
    host_path_volume_force_creation: param.string(),
  },
  create: (_context, flags) => {
    need(flags.launcher === 'linux', "'linux' launcher must be used");
    need(
      hasIsolator(flags.isolation, 'filesystem/linux'),
      "'filesystem/linux' isolator must be used",
    );
    const creatable = flags.host_path_volume_force_creation?.split(':').filter(Boolean);
    return {
      supportsNesting: true,
      supportsStandalone: true,
      async prepare(_id, config) {
        const mounts: ContainerMountInfo[] = [];
        for (const volume of volumesOf(config) ?? []) {
          const path = hostPathOf(volume);
          if (path === undefined) continue;
          if (config.containerClass === 'DEBUG') {
            throw new Error('HOST_PATH volume is not supported for DEBUG containers');
          }
          if (!existsSync(path)) await create(path, creatable);
          const bind = mountVolume(path, volume, config, flags.sandbox_directory);
          const isShared = isBidirectional(volume);
          if (isShared) await requireShared(path);
          // What is there already needs no mount.
          if (bind.target === path) continue;
          mounts.push(isShared ? { ...bind, flags: (bind.flags ?? 0) | mount.SHARED } : bind);
        }
        return mounts.length > 0 ? { mounts } : undefined;
      },
    };
  },
});

/** The old way of naming it says so by being absolute. */
function hostPathOf({ hostPath, source }: Volume): string | undefined {
  if (source?.type === 'HOST_PATH') {
    const path = source.hostPath?.path ?? '';
    if (!isAbsolute(path)) throw new Error(`Path '${path}' in HOST_PATH volume is not absolute`);
    return normalize(path);
  }
  return hostPath !== undefined && isAbsolute(hostPath) ? normalize(hostPath) : undefined;
}

function isBidirectional({ source }: Volume): boolean {
  return source?.hostPath?.mountPropagation?.mode === 'BIDIRECTIONAL';
}

/** As a directory. What is allowed is the operator's; below it anybody may have made links. */
async function create(path: string, creatable: readonly string[] | undefined): Promise<void> {
  if (!creatable) throw new Error(`Path '${path}' in HOST_PATH volume does not exist`);
  const base = creatable.find((each) => isWithin(path, normalize(each)));
  if (base === undefined) {
    throw new Error(
      `Path '${path}' in HOST_PATH volume does not exist and is not whitelisted for creation: Path '${path}' is not whitelisted`,
    );
  }
  try {
    await mkdir(base, { recursive: true });
    await makeDirectoryInside(base, relative(base, path));
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Failed to create the host path at '${path}': ${text}`, { cause });
  }
}

async function requireShared(path: string): Promise<void> {
  if (findMountOf(await readMounts(), path).peers !== undefined) return;
  throw new Error(
    `Cannot setup bidirectional mount propagation for host path '${path}' because it is not under a shared mount`,
  );
}
