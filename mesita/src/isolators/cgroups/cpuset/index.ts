import { dirname } from 'node:path';
import { inheritCpus } from '../../../linux/cgroups/controllers.ts';
import { defineCgroupIsolator } from '../define.ts';

export default defineCgroupIsolator(
  'cgroups/cpuset',
  'A group of the cpuset controller for each container',
  { v1: ['cpuset'], v2: ['cpuset'] },
  {
    async create(rootOf, version) {
      if (version === 1) await inheritCpus(rootOf('cpuset'));
    },
    async prepare(group) {
      if (group.version === 2) return;
      const directory = group.directory('cpuset');
      // The group between a nested container's and its parent's.
      if (group.isNested) {
        await inheritCpus(dirname(dirname(directory)));
        await inheritCpus(dirname(directory));
      }
      await inheritCpus(directory);
    },
  },
);
