import type { Logger } from '@mesita/sdk/base';
import type { ResourceStatistics } from '@mesita/sdk/types';
import type { CgroupCompanion } from '../../../linux/cgroups/companion.ts';
import type { Group } from '../subsystem.ts';

const levels = ['low', 'medium', 'critical'] as const;
type Level = (typeof levels)[number];

interface Counters {
  readonly counts: Record<Level, number>;
  readonly stops: Promise<() => void>[];
}

/** How often the kernel said that it is hard to find memory for a group. Version 1 only. */
interface PressureCounters {
  start(group: Group): void;
  read(group: Group): Partial<ResourceStatistics>;
  stop(group: Group): void;
}

export function createPressureCounters(
  companionOf: () => CgroupCompanion | undefined,
  log: Logger,
): PressureCounters {
  const counters = new Map<string, Counters>();
  return {
    start(group) {
      const companion = companionOf();
      if (!companion) return;
      const counts = { low: 0, medium: 0, critical: 0 };
      const count = (level: Level): Promise<() => void> =>
        companion
          .watch(
            { directory: group.directory('memory'), file: 'memory.pressure_level', level },
            (times) => {
              counts[level] += times;
            },
          )
          .catch((error: Error) => {
            if (!counters.has(group.key)) return () => {};
            log.warn('memory pressure is not counted', { cgroup: group.key, error: error.message });
            return () => {};
          });
      counters.set(group.key, { counts, stops: levels.map(count) });
    },
    read(group) {
      const counts = counters.get(group.key)?.counts;
      if (!counts) return {};
      return {
        memLowPressureCounter: counts.low,
        memMediumPressureCounter: counts.medium,
        memCriticalPressureCounter: counts.critical,
      };
    },
    stop(group) {
      for (const stop of counters.get(group.key)?.stops ?? []) void stop.then((now) => now());
      counters.delete(group.key);
    },
  };
}
