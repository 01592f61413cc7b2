// The agent is killed at named points of its tasks' lives. `npm run kills` plays more of it.
import { expect, test } from 'vitest';
import { describeRound, planRounds, playRounds } from '../kills/matrix.ts';
import { killPoints } from '../kills/points.ts';

test('there are 40 points at least, each with a name of its own', () => {
  expect(new Set(killPoints.map(({ name }) => name)).size).toBe(killPoints.length);
  expect(killPoints.length).toBeGreaterThanOrEqual(40);
});

test('an agent that was killed loses nothing, leaves nothing and does nothing twice', async () => {
  const failures: string[] = [];
  let deaths = 0;
  await playRounds(planRounds(7, 16), (round, { died, problems }) => {
    if (died) deaths++;
    failures.push(...problems.map((problem) => `${describeRound(round)}: ${problem}`));
    return failures.length < 5;
  });
  expect(failures.join('\n')).toBe('');
  expect(deaths).toBeGreaterThan(8);
}, 300_000);
