// Run in a mount namespace of its own: what perf counts of containers in the hierarchy it is told.
import { unmountHierarchy } from '../../harness/hierarchies.ts';
import { createScene, linuxLauncher, rootId, until } from './scene.ts';

const [hierarchy = '', isMounted] = process.argv.slice(2);
const launcher = linuxLauncher();
const cgroups = { ...launcher.cgroups, hierarchy };
const flags = {
  cgroups_hierarchy: hierarchy,
  cgroups_root: cgroups.root,
  perf_events: 'task-clock,context-switches,cycles',
  perf_interval: 300,
  perf_duration: 250,
};
const isolation = 'cgroups/perf_event';
const scene = await createScene({ ...launcher, cgroups, isolation }, undefined, flags);
await scene.launch('spins', 'while :; do :; done');
await scene.launch('sleeps', 'sleep 1111');
const perfOf = async (name: string) => (await scene.containerizer.usage(rootId(name))).perf;
await until(async () => ((await perfOf('spins'))?.taskClock ?? 0) > 0);
// It does something when it begins.
await until(async () => (await perfOf('sleeps'))?.taskClock === 0);
const [spins, sleeps] = [await perfOf('spins'), await perfOf('sleeps')];
await scene.end();
if (isMounted) await unmountHierarchy(hierarchy, 'perf_event');
console.log(JSON.stringify({ spins, sleeps }));
process.exit(0);
