import { expect, test } from 'vitest';
import { isInRoleSubtree, roleAncestors } from './roles.ts';

test('a role lies in its own subtree and in those of its ancestors', () => {
  expect(roleAncestors('a/b/c')).toEqual(['a/b', 'a']);
  expect(['a', 'a/b', 'ab', 'b'].filter((role) => isInRoleSubtree(role, 'a'))).toEqual([
    'a',
    'a/b',
  ]);
});
