import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readHierarchies } from '../../../src/linux/cgroups/hierarchies.ts';
import { isFreeController } from '../../harness/hierarchies.ts';
import { canUseLinuxLauncher } from './scene.ts';

const { version, find } = canUseLinuxLauncher
  ? readHierarchies('/sys/fs/cgroup')
  : { version: 2, find: () => undefined };
const isFree = (name: string): boolean => find(name) === undefined && isFreeController(name);

test.runIf(version === 1 && isFree('net_cls') && isFree('perf_event'))(
  'hierarchies that nobody mounted are mounted',
  () => {
    const script = new URL('mounts-hierarchies.ts', import.meta.url).pathname;
    const typescript = ['--conditions=mesita-source', '--import', 'tsx', script];
    const { stdout, stderr } = spawnSync('unshare', ['--mount', process.execPath, ...typescript], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    const { classid, groups, root } = JSON.parse(stdout || `"${stderr}"`);
    expect({ classid, groups }).toEqual({ classid: 0x120001, groups: [root, root] });
  },
);
