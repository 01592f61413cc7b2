import type { PerfStatistics } from '@mesita/sdk/types';
import type { PerfCount } from '../../../linux/perf/counts.ts';
import * as schema from '../../../wire/schema/mesos.ts';

/** The field that holds an event's count: `L1-dcache-loads` is told as `l1_dcache_loads`. */
export function fieldOf(event: string) {
  const field = schema.PerfStatistics.byName.get(event.toLowerCase().replaceAll('-', '_'));
  return field?.label === 'optional' ? field : undefined;
}

/** By group. `time` is when the sample began and how long it took, in seconds. */
export function collectStatistics(
  counts: readonly PerfCount[],
  time: Pick<PerfStatistics, 'timestamp' | 'duration'>,
): Map<string, PerfStatistics> {
  const byGroup = new Map<string, PerfStatistics>();
  for (const { event, group, value } of counts) {
    const field = fieldOf(event);
    const sofar = byGroup.get(group) ?? time;
    const isCounted = field !== undefined && value !== undefined;
    byGroup.set(group, isCounted ? { ...sofar, [field.property]: value } : sofar);
  }
  return byGroup;
}
