import { defineCgroupIsolator } from '../define.ts';

/** A group that `perf` can be pointed at. Sampling by the agent (`--perf_events`) waits. */
export default defineCgroupIsolator(
  'cgroups/perf_event',
  'A group of the perf_event controller for each container',
  // On version 2 every group is one.
  { v1: ['perf_event'], v2: [] },
);
