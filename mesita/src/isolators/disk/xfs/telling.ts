import { formatBytes } from '@mesita/sdk/base';
import type { ResourceStatistics } from '@mesita/sdk/types';
import type { ContainerLimitation } from '@mesita/sdk/types/containerizer';
import type { Disk } from './disks.ts';

export function explainExcess(
  { directory, quota, volume }: Disk,
  used: number,
): ContainerLimitation {
  const whose = volume ? ` for volume '${volume.persistence?.id}'` : '';
  return {
    reason: 'REASON_CONTAINER_LIMITATION_DISK',
    message: `Disk usage (${formatBytes(used)}) exceeded quota (${formatBytes(quota)})${whose} in '${directory}'`,
    resources: [
      {
        name: 'disk',
        type: 'SCALAR',
        scalar: { value: Math.floor(used / 1024 / 1024) },
        ...(volume && { disk: volume }),
      },
    ],
  };
}

/** The sandbox in two numbers, each volume with its own. */
export function describeUsage(
  disks: readonly { readonly disk: Disk; readonly used: number }[],
): Partial<ResourceStatistics> {
  const sandbox = disks.find(({ disk }) => !disk.volume);
  const volumes = disks.flatMap(({ disk: { volume, quota }, used }) => {
    if (!volume) return [];
    const { persistence, source } = volume;
    return [{ persistence, source, limitBytes: quota, usedBytes: used }];
  });
  return {
    ...(sandbox && { diskLimitBytes: sandbox.disk.quota, diskUsedBytes: sandbox.used }),
    ...(volumes.length > 0 && { diskStatistics: volumes }),
  };
}
