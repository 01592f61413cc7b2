import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// Each scenario that Mesos' own tests name, and where ours is told: a story, or a test of that title.
const root = new URL('../../', import.meta.url);
const [, ...rows] = readFileSync(new URL('testdata/named-scenarios.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t') as [string, string, string]);

it('tells every scenario of the allocator, its sorters, its role tree and its constraints', () => {
  expect(rows.length).toBe(124);
  expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  const untold = rows.filter(([, file, title]) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    return title === '' ? !text.includes('----') : !text.includes(title);
  });
  expect(untold).toEqual([]);
});
