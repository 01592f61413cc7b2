import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Isolator } from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerLaunchInfo } from '@mesita/sdk/types/containerizer';
import type { DeviceLists } from '../../../linux/cgroups/device-lists.ts';
import { groupPath } from '../../../linux/cgroups/groups.ts';
import { mount } from '../../../linux/constants.ts';
import type { DeviceNumbers } from '../../../linux/device-nodes.ts';
import type { Gpu } from '../../../linux/nvidia-driver.ts';
import { keyOf } from '../../container-key.ts';
import { driverEnvironment, volumePath, wantsDriver } from './driver-volume.ts';
import { createGpuPool } from './gpu-pool.ts';

interface NvidiaHost {
  /** Those that the agent has. */
  readonly gpus: readonly Gpu[];
  /** What every container with the driver may open. */
  readonly controls: readonly DeviceNumbers[];
  /** Nodes that appear in root file systems, by name. */
  readonly nodes: readonly { readonly name: string; readonly path: string }[];
  /** Where the driver's files are. */
  readonly volume: string;
  /** Of the groups that `cgroups/devices` made. */
  readonly lists: DeviceLists;
  /** Where these groups are, and the agent's root group there. */
  readonly hierarchy: string;
  readonly cgroupsRoot: string;
}

/** Whole GPUs for root containers: the group of each opens its own and no others. */
export function createNvidiaIsolator(host: NvidiaHost): Isolator {
  const pool = createGpuPool(host.gpus);
  const groupOf = (id: ContainerID): string =>
    join(host.hierarchy, groupPath(host.cgroupsRoot, [id.value]));

  async function resize(id: ContainerID, resources: Resources): Promise<void> {
    const thousandths = resources.thousandths('gpus');
    if (thousandths % 1000 !== 0) {
      throw new Error("The 'gpus' resource must be an unsigned integer");
    }
    const { added, removed } = pool.resize(keyOf(id), thousandths / 1000);
    await host.lists.deny(groupOf(id), removed);
    // Not before it is closed: nobody else may have it while this container can still open it.
    pool.giveBack(keyOf(id), removed);
    await host.lists.allow(groupOf(id), added);
  }

  return {
    supportsNesting: true,
    supportsStandalone: true,
    async recover(states) {
      for (const { containerId } of states) {
        if (containerId.parent || !existsSync(groupOf(containerId))) continue;
        const owned = await host.lists.find(groupOf(containerId), host.gpus);
        pool.occupy(keyOf(containerId), owned);
      }
    },
    async prepare(id, config) {
      if (!id.parent) {
        await host.lists.allow(groupOf(id), host.controls);
        await resize(id, Resources.of(config.resources ?? []));
      }
      // A DEBUG container is in its parent's root file system.
      if (config.rootfs === undefined || config.containerClass === 'DEBUG') return undefined;
      return showDriver(host, config.rootfs, config);
    },
    async update(id, requests) {
      if (!id.parent) await resize(id, requests);
    },
    async cleanup(id) {
      pool.release(keyOf(id));
    },
  };
}

function showDriver(
  { nodes, volume }: NvidiaHost,
  rootfs: string,
  { docker, taskInfo }: ContainerConfig,
): ContainerLaunchInfo {
  if (!docker) throw new Error('Nvidia GPU isolator does not support non-Docker images');
  const { manifest } = docker;
  if (!manifest) throw new Error("The 'ContainerConfig' for docker is missing a manifest");
  const { BIND, RDONLY, REC } = mount;
  const devices = nodes.map(({ name, path }) => ({
    source: path,
    target: join(rootfs, 'dev', name),
    flags: BIND | RDONLY,
  }));
  if (!wantsDriver(manifest)) return { mounts: devices };
  const environment = driverEnvironment(manifest);
  return {
    mounts: [
      { source: volume, target: join(rootfs, volumePath), flags: BIND | RDONLY | REC },
      ...devices,
    ],
    ...(taskInfo ? { taskEnvironment: environment } : { environment }),
  };
}
