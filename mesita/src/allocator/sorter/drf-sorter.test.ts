import type { AllocatorCorrection } from '@mesita/sdk/module';
import { beforeEach, describe, expect, it } from 'vitest';
import { Quantities } from '../quantities.ts';
import { ClusterTotals } from '../totals.ts';
import { DrfSorter } from './drf-sorter.ts';
import type { TreeClient } from './sorter-tree.ts';

let totals: ClusterTotals;
let sorter: DrfSorter<string>;
let clients: Map<string, TreeClient<string>>;

beforeEach(() => {
  totals = new ClusterTotals();
  sorter = new DrfSorter(totals);
  clients = new Map();
  totals.add(amounts(100, 100));
});

function amounts(cpus: number, mem = 0): Quantities {
  const quantities = new Quantities();
  quantities.setAt(totals.names.indexOf('cpus'), cpus * 1000);
  quantities.setAt(totals.names.indexOf('mem'), mem * 1000);
  return quantities;
}

function add(...paths: string[]): void {
  for (const path of paths) {
    const client = sorter.add(path, path);
    clients.set(path, client);
    sorter.activate(client);
  }
}

const client = (path: string) => clients.get(path) as TreeClient<string>;
const allocate = (path: string, cpus: number, mem = 0) =>
  sorter.allocated(client(path), amounts(cpus, mem));
const unallocate = (path: string, cpus: number, mem = 0) =>
  sorter.unallocated(client(path), amounts(cpus, mem));

function order(): string[] {
  const paths: string[] = [];
  sorter.walk((path) => {
    paths.push(path);
    return false;
  });
  return paths;
}

describe('DRF', () => {
  it('orders by dominant share through allocations, releases, additions and removals', () => {
    add('a', 'b');
    allocate('a', 5, 5);
    allocate('b', 6, 6);
    expect(order()).toEqual(['a', 'b']);
    add('c');
    allocate('c', 1);
    add('d');
    allocate('d', 3, 1);
    expect(order()).toEqual(['c', 'd', 'a', 'b']);
    sorter.remove(client('a'));
    allocate('b', 1);
    allocate('d', 4);
    expect(order()).toEqual(['c', 'b', 'd']);
    sorter.deactivate(client('d'));
    expect(order()).toEqual(['c', 'b']);
    allocate('c', 20);
    sorter.activate(client('d'));
    expect(order()).toEqual(['b', 'd', 'c']);
    unallocate('c', 20);
    expect(order()).toEqual(['c', 'b', 'd']);
  });

  it('divides shares by weights, and follows their change', () => {
    add('a', 'b');
    allocate('a', 5);
    allocate('b', 6);
    sorter.updateWeight('b', 2);
    expect(order()).toEqual(['b', 'a']);
    sorter.updateWeight('b', 1);
    expect(order()).toEqual(['a', 'b']);
  });

  it('breaks ties by how often somebody was served, then by path', () => {
    add('b', 'a');
    expect(order()).toEqual(['a', 'b']);
    allocate('a', 0);
    expect(order()).toEqual(['b', 'a']);
    allocate('b', 0);
    allocate('b', 0);
    expect(order()).toEqual(['a', 'b']);
  });

  it('follows the totals, also when another name becomes dominant', () => {
    add('a', 'b');
    allocate('a', 10, 5);
    allocate('b', 5, 12);
    expect(order()).toEqual(['a', 'b']);
    totals.add(amounts(0, 900));
    expect(order()).toEqual(['b', 'a']);
    totals.subtract(amounts(0, 900));
    expect(order()).toEqual(['a', 'b']);
  });

  it('keeps the order, and later moves, when totals grow in proportion', () => {
    add('a', 'b', 'c');
    allocate('a', 1);
    allocate('b', 2);
    order();
    totals.add(amounts(50, 50));
    allocate('a', 3);
    expect(order()).toEqual(['c', 'b', 'a']);
    expect(sorter.shareOf(client('a'))).toBeCloseTo(4 / 150);
  });

  it('leaves excluded names out', () => {
    totals = new ClusterTotals(['mem']);
    totals.add(amounts(100, 100));
    sorter = new DrfSorter(totals);
    add('a', 'b');
    allocate('a', 1, 90);
    allocate('b', 2);
    expect(order()).toEqual(['a', 'b']);
  });

  it('puts off what is allocated during a walk until the next one', () => {
    add('a', 'b', 'c');
    const visited: string[] = [];
    sorter.walk((path) => {
      visited.push(path);
      allocate(path, 10);
      return false;
    });
    expect(visited).toEqual(['a', 'b', 'c']);
  });
});

describe('DRF in a hierarchy', () => {
  it('ranks inner nodes by the share of their subtree and lists depth first', () => {
    add('a/b', 'a/c', 'd', 'd/e');
    allocate('a/b', 6);
    allocate('a/c', 1);
    allocate('d', 3);
    expect(order()).toEqual(['d/e', 'd', 'a/c', 'a/b']);
    allocate('d/e', 9);
    expect(order()).toEqual(['a/c', 'a/b', 'd', 'd/e']);
  });

  it('gives a client that gets others below it a leaf among them, with its allocation', () => {
    add('a', 'b');
    allocate('a', 4);
    allocate('b', 5);
    add('a/b');
    expect(order()).toEqual(['a/b', 'a', 'b']);
    expect(sorter.allocation(client('a')).get(0)).toBe(4000);
    allocate('a/b', 6);
    expect(order()).toEqual(['b', 'a', 'a/b']);
  });

  it('keeps that leaf inactive when the client was', () => {
    add('a', 'b');
    sorter.deactivate(client('a'));
    add('a/b');
    expect(order()).toEqual(['a/b', 'b']);
    sorter.activate(client('a'));
    expect(order()).toEqual(['a', 'a/b', 'b']);
  });

  it.each([true, false])('collapses a lone leaf into its parent (active: %s)', (isActive) => {
    add('a', 'a/b', 'c');
    if (!isActive) sorter.deactivate(client('a'));
    sorter.remove(client('a/b'));
    expect(order()).toEqual(isActive ? ['a', 'c'] : ['c']);
    allocate('a', 1);
    expect(order()).toEqual(isActive ? ['c', 'a'] : ['c']);
  });

  it('reads the weight of a merely inner node once, as Mesos does', () => {
    add('a/x', 'b/y');
    allocate('a/x', 10);
    allocate('b/y', 6);
    sorter.updateWeight('a', 2);
    expect(order()).toEqual(['a/x', 'b/y']);
    sorter.updateWeight('a', 1);
    expect(order()).toEqual(['a/x', 'b/y']);
  });

  it('skips idle clients, which stay where they are', () => {
    add('a', 'b');
    sorter.setIdle(client('a'), true);
    expect(order()).toEqual(['b']);
    sorter.setIdle(client('b'), true);
    expect(sorter.isIdle).toBe(true);
    sorter.setIdle(client('a'), false);
    expect(order()).toEqual(['a']);
  });
});

describe('corrections', () => {
  const orderOf = (corrected: DrfSorter<string>) => {
    const paths: string[] = [];
    corrected.walk((path) => {
      paths.push(path);
      return false;
    });
    return paths;
  };
  const build = (...corrections: AllocatorCorrection[]) => {
    const corrected = new DrfSorter<string>(totals, new Set(corrections));
    const added = new Map(
      ['ads', 'search/crawl', 'search/train'].map((path) => [path, corrected.add(path, path)]),
    );
    for (const one of added.values()) corrected.activate(one);
    const client = (path: string) => added.get(path) as TreeClient<string>;
    return { corrected, client };
  };

  it('one part with much of one resource starves its sibling, as in Mesos', () => {
    const { corrected, client } = build();
    corrected.allocated(client('search/train'), amounts(0, 80));
    corrected.allocated(client('search/crawl'), amounts(1));
    corrected.allocated(client('ads'), amounts(60));
    expect(orderOf(corrected)).toEqual(['ads', 'search/crawl', 'search/train']);
  });

  it('fair_subtrees measures a subtree by those who have least', () => {
    const { corrected, client } = build('fair_subtrees');
    corrected.allocated(client('search/train'), amounts(0, 80));
    corrected.allocated(client('search/crawl'), amounts(1));
    corrected.allocated(client('ads'), amounts(60));
    expect(orderOf(corrected)).toEqual(['search/crawl', 'search/train', 'ads']);
    // And it is not for ever: they are even when the part has as much as the sibling.
    corrected.allocated(client('search/crawl'), amounts(70));
    expect(orderOf(corrected)).toEqual(['ads', 'search/crawl', 'search/train']);
    // Who wants nothing does not count.
    corrected.deactivate(client('search/crawl'));
    corrected.unallocated(client('search/train'), amounts(0, 75));
    expect(orderOf(corrected)).toEqual(['search/train', 'ads']);
  });

  it('inner_weights: a weight set later reaches a node that is no client', () => {
    for (const [corrections, first] of [
      [[], 'ads'],
      [['inner_weights'], 'search/crawl'],
    ] as const) {
      const { corrected, client } = build(...corrections);
      corrected.allocated(client('search/crawl'), amounts(20));
      corrected.allocated(client('ads'), amounts(10));
      expect(orderOf(corrected)[0]).toBe('ads');
      corrected.updateWeight('search', 4);
      expect(orderOf(corrected).find((path) => path !== 'search/train')).toBe(first);
    }
  });
});
