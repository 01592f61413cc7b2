import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';

const small = { agents: 3, frameworks: 5, hours: 0.015 };

test('the same seed gives the same history, another seed another one', async () => {
  const first = await simulate({ ...small, seed: 7 });
  const again = await simulate({ ...small, seed: 7 });
  const other = await simulate({ ...small, seed: 8 });
  expect(first.failure).toBeUndefined();
  expect(again).toEqual(first);
  expect(other.hash).not.toBe(first.hash);
  expect(first.launched).toBeGreaterThan(20);
});

test.each([1, 2])('no rule is broken in the storm of seed %i', async (seed) => {
  const { failure, finished } = await simulate({ ...small, seed });
  expect(failure).toBeUndefined();
  expect(finished).toBeGreaterThan(0);
});
