import type { ResourceStatistics } from '@mesita/sdk/types';
import { parseKeyed, readGroupFile, tryReadGroupFile } from '../../../linux/cgroups/groups.ts';
import { readStalls } from '../stalls.ts';
import type { Group } from '../subsystem.ts';

export const memoryFiles = {
  1: {
    soft: 'memory.soft_limit_in_bytes',
    hard: 'memory.limit_in_bytes',
    swap: 'memory.memsw.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    unlimited: '-1',
  },
  2: {
    soft: 'memory.low',
    hard: 'memory.max',
    /** Above it processes are slowed and their memory is reclaimed. */
    high: 'memory.high',
    swap: 'memory.swap.max',
    usage: 'memory.current',
    peak: 'memory.peak',
    unlimited: 'max',
  },
} as const;

export function readMemoryUsage(group: Group, limitsSwap: boolean): Partial<ResourceStatistics> {
  const directory = group.directory('memory');
  const stat = parseKeyed(readGroupFile(directory, 'memory.stat'));
  const number = (file: string): number | undefined => {
    const text = tryReadGroupFile(directory, file);
    return text === undefined ? undefined : Number(text);
  };
  const [file, anonymous, mapped] =
    group.version === 1
      ? ['total_cache', 'total_rss', 'total_mapped_file']
      : ['file', 'anon', 'file_mapped'];
  const kernel =
    group.version === 1
      ? [number('memory.kmem.usage_in_bytes'), number('memory.kmem.tcp.usage_in_bytes')]
      : [stat.get('kernel'), stat.get('sock')];
  return {
    memStalls: readStalls(group, 'memory'),
    memTotalBytes: number(memoryFiles[group.version].usage),
    memKmemUsageBytes: kernel[0],
    memKmemTcpUsageBytes: kernel[1],
    ...(limitsSwap && { memTotalMemswBytes: number('memory.memsw.usage_in_bytes') }),
    memFileBytes: stat.get(file ?? ''),
    memCacheBytes: stat.get(file ?? ''),
    memAnonBytes: stat.get(anonymous ?? ''),
    memRssBytes: stat.get(anonymous ?? ''),
    memMappedFileBytes: stat.get(mapped ?? ''),
    memSwapBytes: group.version === 1 ? stat.get('total_swap') : number('memory.swap.current'),
    memUnevictableBytes: stat.get(group.version === 1 ? 'total_unevictable' : 'unevictable'),
  };
}
