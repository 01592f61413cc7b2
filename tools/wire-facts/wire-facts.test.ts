import type { DescFile } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { buildDescriptors, readTable } from './descriptors.ts';
import { renderRows } from './rows.ts';
import { renderDiff } from './v0-v1-diff.ts';

const registry = buildDescriptors();
/** What we added to Mesos' schema, under numbers that it will never reach. */
const added = readTable('ours.tsv');
const index = readTable('INDEX.tsv').map((line) => line.split('\t'));

test.each(index.map(([table = '', path = '']) => ({ table, path })))(
  '$path has the facts of its table and no others',
  ({ table, path }) => {
    const mine = added.filter((row) => row.startsWith(`${path}\t`));
    compare(renderRows(registry.getFile(path) as DescFile), [...readTable(table), ...mine]);
  },
);

test('v0 and v1 differ where the table says so, and nowhere else', () => {
  const mine = added.filter((row) => /^(message|enum)\t/.test(row));
  compare(renderDiff(registry), [...readTable('v0_v1_diff.tsv'), ...mine]);
});

test('no file of ours is without a table', () => {
  const known = new Set(index.map(([, path]) => path));
  const ours = [...registry.files].map((f) => `${f.name}.proto`).filter((path) => !known.has(path));
  // The CSI specification is a schema of its own, and Duration is protobuf's.
  expect(ours.sort()).toEqual(['csi/v0/csi.proto', 'google/protobuf/duration.proto']);
});

function compare(rows: string[], facts: string[]): void {
  const found = { extra: without(rows, facts), missing: without(facts, rows) };
  expect(found).toEqual({ extra: [], missing: [] });
  expect(rows).toHaveLength(facts.length);
}

function without(some: string[], others: string[]): string[] {
  const known = new Set(others);
  return some.filter((line) => !known.has(line));
}
