import { expect, it } from 'vitest';
import { Comparison } from './testing/reference/comparison.ts';

// A few seconds of it; `testing/reference/compare.ts` goes on for as long as one likes.
const CLUSTERS = 60;
const EVENTS = 60;

it('decides as a plain reading of the rules does, whatever happens', () => {
  let offers = 0;
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const comparison = new Comparison(seed);
    comparison.run(EVENTS);
    offers += comparison.offers;
  }
  expect(offers).toBeGreaterThan(CLUSTERS);
});
