// Run in a mount namespace of its own: isolators whose hierarchies nobody mounted.
import { unmountHierarchy } from '../../harness/hierarchies.ts';
import { createScene, linuxLauncher, rootId, shellConfig } from './scene.ts';

const launcher = linuxLauncher();
const isolation = 'cgroups/net_cls,cgroups/perf_event';
const flags = {
  cgroups_root: launcher.cgroups.root,
  cgroups_net_cls_primary_handle: '0x12',
};
const scene = await createScene({ ...launcher, isolation }, undefined, flags);
const config = shellConfig(scene.sandbox('a'), 'cat /proc/self/cgroup; sleep 1110');
await scene.containerizer.launch({
  id: rootId('a'),
  config,
  environment: { PATH: '/usr/bin:/bin' },
});
const { cgroupInfo } = await scene.containerizer.status(rootId('a'));
while (!scene.read('work/a/stdout').includes('net_cls'))
  await new Promise((r) => setTimeout(r, 10));
const groups = scene.read('work/a/stdout').split('\n');
console.log(
  JSON.stringify({
    classid: cgroupInfo?.netCls?.classid,
    groups: groups
      .filter((line) => /net_cls|perf_event/.test(line))
      .map((line) => line.split(':')[2]),
    root: `/${launcher.cgroups.root}/a`,
  }),
);
await scene.end();
for (const name of ['net_cls', 'perf_event']) await unmountHierarchy('/sys/fs/cgroup', name);
process.exit(0);
