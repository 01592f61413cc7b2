import { dirname } from 'node:path';
import { readGroupFile, writeGroupFile } from '../../../linux/cgroups/groups.ts';
import { defineCgroupIsolator } from '../define.ts';

const files = ['cpuset.cpus', 'cpuset.mems'];

/** On version 1 a new group has no CPU and takes no process until it is given its parent's. */
async function inherit(directory: string): Promise<void> {
  for (const file of files) {
    if (readGroupFile(directory, file) !== '') continue;
    await writeGroupFile(directory, file, readGroupFile(dirname(directory), file));
  }
}

export default defineCgroupIsolator(
  'cgroups/cpuset',
  'A group of the cpuset controller for each container',
  { v1: ['cpuset'], v2: ['cpuset'] },
  {
    async create(rootOf, version) {
      if (version === 1) await inherit(rootOf('cpuset'));
    },
    async prepare(group) {
      if (group.version === 2) return;
      const directory = group.directory('cpuset');
      // The group between a nested container's and its parent's.
      if (group.isNested) {
        await inherit(dirname(dirname(directory)));
        await inherit(dirname(directory));
      }
      await inherit(directory);
    },
  },
);
