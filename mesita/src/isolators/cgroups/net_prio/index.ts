import { defineCgroupIsolator } from '../define.ts';

/** A group, in which operators and modules set what they like. */
export default defineCgroupIsolator(
  'cgroups/net_prio',
  'A group of the net_prio controller for each container',
  {
    v1: ['net_prio'],
    v2: undefined,
  },
);
