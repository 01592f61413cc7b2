import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { describe, expect, it } from 'vitest';
import type { Quantities } from '../quantities.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { ClusterTotals } from '../totals.ts';
import { DrfSorter } from './drf-sorter.ts';
import { RandomSorter } from './random-sorter.ts';
import type { Sorter } from './sorter.ts';
import type { TreeClient } from './sorter-tree.ts';

const totals = new ClusterTotals();
const TOTAL = sums('cpus:100;mem:100');
totals.add(TOTAL);

function sums(text: string): Quantities {
  return totals.known.find(unwrap(Resources.parse(text))).sums.all;
}

function held(sorter: Sorter<string>, client: TreeClient<string>): Record<string, number> {
  const amounts = sorter.allocation(client);
  const of = (name: string) => amounts.get(totals.names.indexOf(name)) / 1000;
  return { cpus: of('cpus'), mem: of('mem') };
}

function drf(): DrfSorter<string> {
  return new DrfSorter(totals);
}

function add<S extends Sorter<string>>(sorter: S, path: string): TreeClient<string> {
  const client = sorter.add(path, path) as TreeClient<string>;
  sorter.activate(client);
  return client;
}

function order(sorter: Sorter<string>): string[] {
  const paths: string[] = [];
  sorter.walk((path) => {
    paths.push(path);
    return false;
  });
  return paths;
}

describe.each([
  ['drf', drf],
  ['random', () => new RandomSorter<string>(new SeededRandom(1))],
])('what clients of the %s sorter hold', (_, create) => {
  it('a conversion changes what a client and all above it hold', () => {
    const sorter = create();
    const nested = add(sorter, 'a/b');
    sorter.allocated(nested, sums('cpus:10;mem:10'));
    sorter.update(nested, sums('mem:10'), sums('mem:4'));
    expect(held(sorter, nested)).toEqual({ cpus: 10, mem: 4 });
    expect(sorter.totalAllocation().get(totals.names.indexOf('mem'))).toBe(4000);
  });

  it('who is inactive holds what he holds', () => {
    const sorter = create();
    const [active, idle] = [add(sorter, 'a'), add(sorter, 'b')];
    sorter.deactivate(idle);
    sorter.allocated(active, sums('cpus:2;mem:2'));
    sorter.allocated(idle, sums('cpus:3;mem:3'));
    expect(held(sorter, active)).toEqual({ cpus: 2, mem: 2 });
    expect(held(sorter, idle)).toEqual({ cpus: 3, mem: 3 });
    expect(order(sorter)).toEqual(['a']);
  });

  it('what is held on several agents adds up', () => {
    const sorter = create();
    const client = add(sorter, 'a');
    for (let agent = 0; agent < 2; agent++)
      sorter.allocated(client, sums('cpus:10;mem:10;ports:[31000-32000]'));
    expect(held(sorter, client)).toEqual({ cpus: 20, mem: 20 });
    sorter.update(client, sums('cpus:10'), sums('cpus:7'));
    expect(held(sorter, client)).toEqual({ cpus: 17, mem: 20 });
    sorter.unallocated(client, sums('cpus:10;mem:10;ports:[31000-32000]'));
    expect(held(sorter, client)).toEqual({ cpus: 7, mem: 10 });
  });
});

describe('shares', () => {
  it('several objects of one name add up', () => {
    const sorter = drf();
    const client = add(sorter, 'a');
    sorter.allocated(client, sums('cpus:5;cpus(a):4;mem:6'));
    expect(sorter.shareOf(client)).toBe(0.09);
  });

  it('what can be revoked counts like the rest', () => {
    const sorter = drf();
    const client = add(sorter, 'a');
    const [cpus] = unwrap(Resources.parse('cpus:5')).toMessages() as [Resource];
    const spare = Resources.of([{ ...cpus, revocable: {} }]);
    sorter.allocated(client, totals.known.find(spare).sums.all);
    expect(sorter.shareOf(client)).toBe(0.05);
  });

  it('totals and allocations shrink together', () => {
    const sorter = drf();
    const [a, b] = [add(sorter, 'a'), add(sorter, 'b')];
    totals.add(TOTAL);
    sorter.allocated(a, sums('cpus:20'));
    sorter.allocated(a, sums('cpus:20'));
    sorter.allocated(b, sums('cpus:30'));
    expect(order(sorter)).toEqual(['b', 'a']);
    sorter.unallocated(a, sums('cpus:20'));
    totals.subtract(TOTAL);
    expect(order(sorter)).toEqual(['a', 'b']);
    expect(sorter.shareOf(a)).toBe(0.2);
  });

  it('paths of equal or mixed depth that do not meet are ordered as flat names are', () => {
    for (const paths of [
      ['a/a', 'b/b', 'c/c', 'd/d', 'e/e'],
      ['a', 'b/b', 'c/c/c', 'd/d/d/d', 'e/e/e/e/e'],
    ]) {
      const sorter = drf();
      const clients = paths.map((path) => add(sorter, path));
      const allocations = [
        'cpus:5;mem:5',
        'cpus:6;mem:6',
        'cpus:1;mem:1',
        'cpus:3;mem:1',
        'cpus:2',
      ];
      for (const [i, client] of clients.entries())
        sorter.allocated(client, sums(allocations[i] as string));
      expect(order(sorter)).toEqual([2, 4, 3, 0, 1].map((i) => paths[i]));
    }
  });

  it('a client comes to stand where others are below already', () => {
    const sorter = drf();
    const [below, other] = [add(sorter, 'x/a'), add(sorter, 'y')];
    sorter.allocated(below, sums('cpus:5'));
    sorter.allocated(other, sums('cpus:6'));
    const above = add(sorter, 'x');
    // Among its own, before what holds more.
    expect(order(sorter)).toEqual(['x', 'x/a', 'y']);
    sorter.allocated(above, sums('cpus:6'));
    expect(order(sorter)).toEqual(['y', 'x/a', 'x']);
    expect(held(sorter, above)).toEqual({ cpus: 6, mem: 0 });
  });
});
