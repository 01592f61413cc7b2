import { defineCgroupIsolator } from '../define.ts';

/** A group, in which operators and modules set what they like. */
export default defineCgroupIsolator(
  'cgroups/pids',
  'A group of the pids controller for each container',
  {
    v1: ['pids'],
    v2: ['pids'],
  },
);
