import { defineCgroupIsolator } from '../define.ts';

/** A group, in which operators and modules set what they like. */
export default defineCgroupIsolator(
  'cgroups/hugetlb',
  'A group of the hugetlb controller for each container',
  {
    v1: ['hugetlb'],
    v2: ['hugetlb'],
  },
);
