import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProjectIds } from './project-ids.ts';

test('numbers are free again when their directories are gone', () => {
  const ids = createProjectIds('[5-6]');
  const directory = mkdtempSync(join(tmpdir(), 'mesita-project-'));
  ids.occupy(5, directory);
  // Somebody else's, outside of the range.
  ids.occupy(99, directory);
  expect([ids.total, ids.free()]).toEqual([2, 1]);
  expect(ids.take()).toBe(6);
  expect(() => ids.take()).toThrow('Failed to assign project ID, range exhausted');
  expect(ids.reclaim()).toEqual([]);
  rmSync(directory, { recursive: true });
  expect(ids.reclaim()).toEqual([
    { id: 5, directories: [directory] },
    { id: 99, directories: [directory] },
  ]);
  expect(ids.take()).toBe(5);
});

test.each([
  ['7', 'Invalid XFS project resource type SCALAR, expecting RANGES'],
  ['[5-', "Failed to parse XFS project range '[5-'"],
  ['[0-9]', 'XFS project ID 0 is reserved'],
  ['[1-4294967296]', 'Project ID 4294967296 is out of range'],
])('%s is no range of numbers', (text, complaint) => {
  expect(() => createProjectIds(text)).toThrow(complaint);
});
