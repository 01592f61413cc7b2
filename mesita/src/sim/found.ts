import type { Shape } from './campaign.ts';

interface Finding {
  readonly seed: number;
  readonly shape: Shape;
  /** What was wrong. */
  readonly was: string;
}

const small = { agents: 3, frameworks: 5, hours: 0.05 };

/** Seeds that have found something; they are replayed for as long as they are here. */
export const found: readonly Finding[] = [
  {
    seed: 46,
    shape: { masters: 1, ...small },
    was: 'a wall clock that was set back kept agents from being marked unreachable, for hours',
  },
  {
    seed: 60,
    shape: { masters: 1, ...small },
    was: 'what a crash had left below an unwritten framework came back with it, to end once more',
  },
  {
    seed: 37,
    shape: { masters: 3, ...small },
    was: 'an executor that came back before the containers were known was launched once more',
  },
  {
    seed: 36,
    shape: { masters: 1, ...small },
    was: 'a task killed during its launch was told to be killed, and began afterwards',
  },
  {
    seed: 30186,
    shape: { masters: 1, agents: 3, frameworks: 5, hours: 0.04, isHasty: true },
    was: 'a late word of an agent before its restart brought back a task that nobody ran',
  },
];
