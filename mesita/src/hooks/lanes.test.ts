import { expect, test } from 'vitest';
import { createLanes } from './lanes.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('only what shares a key waits, and in order', async () => {
  const done: string[] = [];
  const lanes = createLanes(() => done.push('error'));
  let finish = () => {};
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  lanes.enter({ after: ['a'], holds: ['a', 'all'] }, async () => {
    await slow;
    done.push('run a');
  });
  lanes.enter({ after: ['a'], holds: ['a'] }, () => void done.push('kill a'));
  lanes.enter({ after: ['b'], holds: [] }, () => void done.push('kill b'));
  lanes.enter({ after: ['all'], holds: ['all', 'a'] }, () => void done.push('shut down'));
  expect(done).toEqual(['kill b']);
  finish();
  await settled();
  expect(done).toEqual(['kill b', 'run a', 'kill a', 'shut down']);
  lanes.enter({ after: ['a', 'all'], holds: [] }, () => void done.push('at once'));
  expect(done.at(-1)).toBe('at once');
});

test('work that fails lets go of its keys', async () => {
  const errors: unknown[] = [];
  const lanes = createLanes((error) => errors.push(error));
  lanes.enter({ after: [], holds: ['a'] }, () => Promise.reject(new Error('no')));
  const after: string[] = [];
  lanes.enter({ after: ['a'], holds: [] }, () => void after.push('next'));
  await settled();
  expect([errors.length, after]).toEqual([1, ['next']]);
});
