import { expect, test } from 'vitest';
import { findMountOf, parseMounts } from './mount-table.ts';

const table = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:5 / /run rw,nodev master:3 - tmpfs tmpfs rw
31 22 254:0 /a /with\\040blank rw shared:7 - ext4 /dev/vda rw
32 31 254:0 /b /with\\040blank rw - ext4 /dev/vda rw
`;

test('a table is read, blanks and all', () => {
  const mounts = parseMounts(table);
  expect(mounts.map(({ target, peers }) => [target, peers])).toEqual([
    ['/', 1],
    ['/run', undefined],
    ['/with blank', 7],
    ['/with blank', undefined],
  ]);
  expect(mounts[1]).toMatchObject({ id: 30, options: ['rw', 'nodev'], type: 'tmpfs' });
});

test.each([
  ['/etc/passwd', 22],
  ['/run/mesos', 30],
  ['/running', 22],
  // The later one hides the earlier.
  ['/with blank', 32],
])('%s lies on mount %i', (path, id) => {
  expect(findMountOf(parseMounts(table), path).id).toBe(id);
});
