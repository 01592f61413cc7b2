import { expect, test } from 'vitest';
import { selectHierarchies } from './hierarchies.ts';

const base = '/sys/fs/cgroup';

test('version 1, with two controllers in one hierarchy', () => {
  const mountinfo = [
    '24 22 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
    '25 24 0:21 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct',
    '26 24 0:22 / /sys/fs/cgroup/memory rw shared:3 - cgroup cgroup rw,memory',
    '27 24 0:23 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
    '28 24 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    '29 24 0:25 / /elsewhere/pids rw - cgroup cgroup rw,pids',
  ].join('\n');
  const { version, find, controllers } = selectHierarchies(base, mountinfo, () => '');
  expect({ version, controllers, cpuacct: find('cpuacct'), pids: find('pids') }).toEqual({
    version: 1,
    controllers: ['cpu', 'cpuacct', 'memory', 'systemd'],
    cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
    pids: undefined,
  });
});

test('version 2', () => {
  const mountinfo = '25 24 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate';
  const { version, find } = selectHierarchies(base, mountinfo, () => 'cpu memory\n');
  expect([version, find('cpu'), find('blkio'), find('freezer')]).toEqual([
    2,
    base,
    undefined,
    base,
  ]);
});
