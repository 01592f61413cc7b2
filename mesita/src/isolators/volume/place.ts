import { existsSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import type { Volume } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerMountInfo } from '@mesita/sdk/types/containerizer';
import { mount } from '../../linux/constants.ts';

/** Where a volume appears, seen from the host. The launcher makes what is missing on the way. */
function placeVolume(
  { containerPath }: Volume,
  { rootfs, directory }: ContainerConfig,
  sandboxDirectory: string,
): string {
  const path = normalize(containerPath);
  if (!isAbsolute(path)) {
    if (path === '.' || path.split('/').includes('..')) {
      throw new Error(`Container path '${containerPath}' leads out of the sandbox`);
    }
    return join(rootfs === undefined ? directory : join(rootfs, sandboxDirectory), path);
  }
  if (rootfs !== undefined) return join(rootfs, path);
  // On the host nothing is made outside of the work directory.
  if (existsSync(path)) return path;
  throw new Error(
    `Mount point '${path}' is an absolute path. It must exist if the container shares the host filesystem`,
  );
}

export function mountVolume(
  source: string,
  volume: Volume,
  config: ContainerConfig,
  sandboxDirectory: string,
): ContainerMountInfo {
  const target = placeVolume(volume, config, sandboxDirectory);
  const { BIND, REC, RDONLY } = mount;
  return { source, target, flags: BIND | REC | (volume.mode === 'RO' ? RDONLY : 0) };
}

/** Undefined for a container without any. */
export function volumesOf(config: ContainerConfig): readonly Volume[] | undefined {
  const info = config.containerInfo;
  if (info && info.type !== 'MESOS') throw new Error('Only support MESOS containers');
  return info?.volumes?.length ? info.volumes : undefined;
}
