import type { AllocatorTimer } from '@mesita/sdk/module';
import { expect, it } from 'vitest';
import { HierarchicalAllocator } from './hierarchical-allocator.ts';
import { SeededRandom } from './testing/seeded-random.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

it('metrics can be read before anything is known', () => {
  const clock = new VirtualClock();
  const allocator = new HierarchicalAllocator({ clock, random: new SeededRandom(1), log });
  const metrics = allocator.metrics();
  for (const name of ['cpus', 'mem', 'disk']) {
    expect(metrics.get(`allocator/mesos/resources/${name}/total`)).toBe(0);
    expect(metrics.get(`allocator/mesos/resources/${name}/offered_or_allocated`)).toBe(0);
  }
  expect(metrics.get('allocator/mesos/allocation_runs')).toBe(0);
});

it('each run is timed, and how long it was waited for', () => {
  const clock = new VirtualClock();
  const events: string[] = [];
  const startTimer = (name: AllocatorTimer) => {
    events.push(`start ${name}`);
    return () => events.push(`stop ${name}`);
  };
  const allocator = new HierarchicalAllocator({
    ...{ clock, random: new SeededRandom(1), log },
    startTimer,
  });
  allocator.initialize(
    {
      allocationIntervalMs: 1000,
      roleSorter: 'drf',
      frameworkSorter: 'drf',
      fairnessExcludedResourceNames: new Set(),
      filterGpuResources: true,
      minAllocatable: [],
      recoveryTimeoutMs: 1000,
      agentRecoveryFactor: 0.8,
      maxCompletedFrameworks: 1,
      publishPerFrameworkMetrics: false,
      regexMaxMemoryBytes: 4096,
      regexMaxProgramSize: 100,
    },
    { offer() {}, inverseOffer() {} },
  );
  for (let second = 0; second < 2; second++) {
    clock.advance(1000);
    clock.settle();
  }
  const run = [
    'start allocation_run_latency',
    'stop allocation_run_latency',
    'start allocation_run',
    'stop allocation_run',
  ];
  expect(events).toEqual([...run, ...run]);
});
