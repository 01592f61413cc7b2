import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the place for project quotas is there', () => {
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  expect(mounts).toMatch(/^\S+ \/mnt\/xfs xfs \S*prjquota/m);
  expect(readFileSync('/proc/swaps', 'utf8')).toContain('ubdb');
});
