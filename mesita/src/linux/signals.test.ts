import { expect, test } from 'vitest';
import { describeWaitStatus } from './signals.ts';

test.each([
  [0, 'exited with status 0'],
  [256, 'exited with status 1'],
  [9, 'terminated with signal Killed'],
  [15, 'terminated with signal Terminated'],
  [134, 'terminated with signal Aborted (core dumped)'],
  [99, 'terminated with signal Unknown signal 99'],
])('%i', (status, text) => {
  expect(describeWaitStatus(status)).toBe(text);
});
