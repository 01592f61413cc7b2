import { formatBytes } from '@mesita/sdk/base';
import type { ContainerLimitation } from '@mesita/sdk/types/containerizer';
import { groupsBelow, parseKeyed, tryReadGroupFile } from '../../../linux/cgroups/groups.ts';
import type { Group } from '../subsystem.ts';
import { memoryFiles } from './usage.ts';

const killFiles = { 1: 'memory.oom_control', 2: 'memory.events.local' };

/**
 * How many processes the kernel killed for want of memory. Each group counts its own; those of
 * nested containers with limits of their own are theirs.
 */
export function countKills(group: Group): number {
  const others = [...group.nested].map((each) => each.directory('memory'));
  const isOurs = (path: string): boolean =>
    !others.some((other) => path === other || path.startsWith(`${other}/`));
  const count = (path: string): number =>
    parseKeyed(tryReadGroupFile(path, killFiles[group.version]) ?? '').get('oom_kill') ?? 0;
  return groupsBelow(group.directory('memory'))
    .filter(isOurs)
    .reduce((sum, path) => sum + count(path), 0);
}

export function explainKill(group: Group): ContainerLimitation {
  const directory = group.directory('memory');
  const files = memoryFiles[group.version];
  const limit = tryReadGroupFile(directory, files.hard);
  const peak = Number(tryReadGroupFile(directory, files.peak) ?? 0);
  const stat = tryReadGroupFile(directory, 'memory.stat') ?? '';
  const requested = limit === undefined ? '' : `Requested: ${formatBytes(Number(limit))} `;
  return {
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    message: `Memory limit exceeded: ${requested}Maximum Used: ${formatBytes(peak)}\n\nMEMORY STATISTICS: \n${stat}\n`,
    resources: [{ name: 'mem', type: 'SCALAR', scalar: { value: peak / 1024 / 1024 } }],
  };
}
