import { expect, test } from 'vitest';
import { explain, Problem } from './problem.ts';

test('an error is one line with its causes, and advice below', () => {
  const cause = new Error('EACCES: permission denied');
  const problem = new Problem('cannot make the work directory', 'Give another.', { cause });
  expect(explain(problem)).toBe(
    'cannot make the work directory: EACCES: permission denied\nGive another.',
  );
  expect(explain('odd')).toBe('odd');
});
