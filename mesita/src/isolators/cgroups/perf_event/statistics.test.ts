import { expect, test } from 'vitest';
import { collectStatistics, fieldOf } from './statistics.ts';

test('names of events are those of fields in lower case, with underscores', () => {
  const names = ['task-clock', 'L1-dcache-loads', 'LLC-load-misses', 'nosuch', 'duration'];
  expect(names.map((name) => fieldOf(name)?.property)).toEqual([
    'taskClock',
    'l1DcacheLoads',
    'llcLoadMisses',
    undefined,
    undefined,
  ]);
});

test('each group has its own counts, and of events without a field none', () => {
  const time = { timestamp: 100.5, duration: 10 };
  const counts = [
    { event: 'task-clock', group: 'mesos/a', value: 976.63 },
    { event: 'context-switches', group: 'mesos/a', value: 79 },
    { event: 'cycles', group: 'mesos/a', value: undefined },
    { event: 'cpu_core/cycles/', group: 'mesos/b', value: 5 },
  ];
  expect(Object.fromEntries(collectStatistics(counts, time))).toEqual({
    'mesos/a': { ...time, taskClock: 976.63, contextSwitches: 79 },
    'mesos/b': time,
  });
});
