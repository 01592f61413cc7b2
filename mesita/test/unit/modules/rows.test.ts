// Mesos' rules about modules, row by row: each has a test that names it, as `§3.6` in its title.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../../..');

const rows: readonly string[] = readFileSync(new URL('testdata/rows.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t')[0]!);

function* testFiles(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* testFiles(path);
    else if (entry.name.endsWith('.test.ts')) yield path;
  }
}

function namedRows(): ReadonlySet<string> {
  const named = new Set<string>();
  for (const room of ['sdk/src', 'mesita/src', 'mesita/test']) {
    for (const path of testFiles(join(root, room))) {
      if (path === import.meta.filename) continue;
      const text = readFileSync(path, 'utf8');
      for (const [, row] of text.matchAll(/§(\d+(?:\.\w+)+)/g)) named.add(row!);
    }
  }
  return named;
}

test('every row has a test, and every test that names one names a row', () => {
  const named = namedRows();
  expect({
    'without a test': rows.filter((row) => !named.has(row)),
    'not in the table': [...named].filter((row) => !rows.includes(row)),
    'twice in the table': rows.filter((row, at) => rows.indexOf(row) !== at),
  }).toEqual({ 'without a test': [], 'not in the table': [], 'twice in the table': [] });
});
