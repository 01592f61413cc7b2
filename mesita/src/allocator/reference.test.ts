import { expect, it } from 'vitest';
import { Comparison } from './testing/reference/comparison.ts';

// A few seconds of it; `npm run compare -- 20000` goes on for as long as one likes.
const CLUSTERS = 40;
const EVENTS = 60;
// Many tests may share the machine.
const TIMEOUT_MS = 120_000;
// Each told of a mistake once, with a hundred events.
const OLD_SEEDS = [3744, 10_923, 14_635];

it(
  'decides as a plain reading of the rules does, whatever happens',
  () => {
    let offers = 0;
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const comparison = new Comparison(seed);
      comparison.run(EVENTS);
      offers += comparison.offers;
    }
    expect(offers).toBeGreaterThan(CLUSTERS);
  },
  TIMEOUT_MS,
);

it.each(OLD_SEEDS)('makes no mistake twice: seed %i', (seed) => {
  expect(() => new Comparison(seed).run(100)).not.toThrow();
});
