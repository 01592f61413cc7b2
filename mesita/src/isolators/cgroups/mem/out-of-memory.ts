import { formatBytes } from '@mesita/sdk/base';
import type { ContainerLimitation } from '@mesita/sdk/types/containerizer';
import { groupsBelow, parseKeyed, tryReadGroupFile } from '../../../linux/cgroups/groups.ts';
import type { Group } from '../subsystem.ts';
import { memoryFiles } from './usage.ts';

/** How many processes the kernel killed for want of memory. On version 1 each group counts its own. */
export function countKills(group: Group): number {
  const directory = group.directory('memory');
  const count = (path: string, file: string): number =>
    parseKeyed(tryReadGroupFile(path, file) ?? '').get('oom_kill') ?? 0;
  if (group.version === 2) return count(directory, 'memory.events');
  return groupsBelow(directory).reduce((sum, path) => sum + count(path, 'memory.oom_control'), 0);
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
