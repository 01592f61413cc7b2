import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';

/** Far more than it takes: other tests want the machine too. */
const limitMs = 120_000;
const small = { masters: 3, agents: 3, frameworks: 5, hours: 0.05 };

test(
  'the same seed gives the same history, another seed another one',
  async () => {
    const first = await simulate({ ...small, seed: 7 });
    const again = await simulate({ ...small, seed: 7 });
    const other = await simulate({ ...small, seed: 8 });
    expect(first.failure).toBeUndefined();
    expect(again).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
    expect(first.launched).toBeGreaterThan(5);
  },
  limitMs,
);

test.each([
  [1, 1],
  [1, 3],
  [2, 3],
])(
  'no rule is broken in the storm of seed %i over %i masters',
  async (seed, masters) => {
    const { failure } = await simulate({ ...small, masters, seed });
    expect(failure).toBeUndefined();
  },
  limitMs,
);
