import { expect, test } from 'vitest';
import { parseCounts } from './counts.ts';

test('a line of perf 6', () => {
  expect(
    parseCounts(
      [
        '976.63,msec,task-clock,mesos/a,976628959,100.00,0.961,CPUs utilized',
        '79,,context-switches,mesos/a,976628959,100.00,80.891,/sec',
        '',
      ].join('\n'),
    ),
  ).toEqual([
    { event: 'task-clock', group: 'mesos/a', value: 976.63 },
    { event: 'context-switches', group: 'mesos/a', value: 79 },
  ]);
});

test.each([
  ['2.6.39', '123,cycles,mesos/a'],
  ['3.14', '123,,cycles,mesos/a'],
  ['4.1', '123,,cycles,mesos/a,10,100.00'],
  ['4.6', '123,,cycles,mesos/a,10,100.00,,'],
  ['4.15', '123,,cycles,mesos/a,10,100.00,,,,'],
])('the same count as perf %s prints it', (_version, line) => {
  expect(parseCounts(line)).toEqual([{ event: 'cycles', group: 'mesos/a', value: 123 }]);
});

test('nothing counted is zero, what the machine cannot count has no value', () => {
  expect(
    parseCounts(
      '<not counted>,msec,task-clock,mesos/b,0,100.00,,\n<not supported>,,cycles,mesos/b,0,100.00,,\n',
    ),
  ).toEqual([
    { event: 'task-clock', group: 'mesos/b', value: 0 },
    { event: 'cycles', group: 'mesos/b', value: undefined },
  ]);
});

test('a metric of the event above is no event', () => {
  expect(parseCounts(',,,,,,0.29,stalled cycles per insn')).toEqual([]);
});

test.each(['', ' ', 'x'])('a value that is no number is refused: %j', (value) => {
  const line = `${value},,cycles,mesos/a`;
  expect(() => parseCounts(line)).toThrow(`Unable to parse perf value at line: ${line}`);
});

test('so is a line that is something else', () => {
  expect(() => parseCounts('Warning')).toThrow("Unexpected line 'Warning'");
});
