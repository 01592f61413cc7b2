import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../testing/seeded-random.ts';
import { RandomSorter } from './random-sorter.ts';

const ROUNDS = 5_000;

/** How often each path came first. */
function firsts(sorter: RandomSorter<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < ROUNDS; i++) {
    let isFirst = true;
    sorter.walk((path) => {
      if (isFirst) counts[path] = (counts[path] ?? 0) + 1 / ROUNDS;
      isFirst = false;
      return false;
    });
  }
  return counts;
}

function sorterOf(...paths: string[]): RandomSorter<string> {
  const sorter = new RandomSorter<string>(new SeededRandom(5));
  for (const path of paths) sorter.activate(sorter.add(path, path));
  return sorter;
}

describe('random sorter', () => {
  it('puts clients first in proportion to their weights', () => {
    const sorter = sorterOf('a', 'b', 'c');
    sorter.updateWeight('b', 2);
    sorter.updateWeight('c', 5);
    expect(firsts(sorter)).toEqual({
      a: expect.closeTo(1 / 8, 1),
      b: expect.closeTo(2 / 8, 1),
      c: expect.closeTo(5 / 8, 1),
    });
  });

  it('multiplies weights along the path', () => {
    const sorter = sorterOf('a/x', 'a/y', 'b');
    sorter.updateWeight('a', 3);
    sorter.updateWeight('a/x', 2);
    expect(firsts(sorter)).toEqual({
      'a/x': expect.closeTo(0.5, 1),
      'a/y': expect.closeTo(0.25, 1),
      b: expect.closeTo(0.25, 1),
    });
  });

  it('leaves the chances of others as they are when a client is idle', () => {
    const sorter = sorterOf('a/x', 'b');
    const idle = sorter.add('a/y', 'a/y');
    sorter.activate(idle);
    sorter.setIdle(idle, true);
    // Of the half of `a`, the idle client keeps its quarter; it is not visited.
    expect(firsts(sorter)).toEqual({
      'a/x': expect.closeTo(1 / 3, 1),
      b: expect.closeTo(2 / 3, 1),
    });
  });

  it('visits everybody once', () => {
    const sorter = sorterOf('a', 'b', 'c', 'd', 'e');
    const visited: string[] = [];
    sorter.walk((path) => {
      visited.push(path);
      return false;
    });
    expect(visited.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
