import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseStalls, readStalls } from './stalls.ts';

test('pressure as the kernel writes it', () => {
  const text =
    'some avg10=1.50 avg60=0.25 avg300=0.05 total=2500000\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=1\n';
  expect(parseStalls(text)).toEqual({
    someAvg10: 1.5,
    someAvg60: 0.25,
    someAvg300: 0.05,
    someTotalSecs: 2.5,
    fullAvg10: 0.5,
    fullAvg60: 0,
    fullAvg300: 0,
    fullTotalSecs: 0.000001,
  });
  // Older kernels know no `full` of the CPU.
  expect(parseStalls('some avg10=0.00 avg60=0.00 avg300=0.00 total=0').fullTotalSecs).toBe(
    undefined,
  );
});

const root = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((path) =>
  existsSync(`${path}/cpu.pressure`),
);

test.runIf(root !== undefined && process.getuid?.() === 0)('this kernel keeps it', () => {
  const directory = `${root}/mesita-stalls-${process.pid}`;
  mkdirSync(directory);
  try {
    const group = {
      key: 'a',
      isNested: false,
      isLimited: false,
      isRecovered: false,
      nested: new Set<never>(),
      directory: () => directory,
    };
    for (const what of ['cpu', 'memory', 'io'] as const) {
      expect(readStalls({ ...group, version: 2 }, what)?.someTotalSecs).toBe(0);
    }
    expect(readStalls({ ...group, version: 1 }, 'cpu')).toBe(undefined);
  } finally {
    rmdirSync(directory);
  }
});
