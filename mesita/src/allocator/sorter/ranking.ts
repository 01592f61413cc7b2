import type { SorterNode } from './sorter-tree.ts';

/** Smaller share first, then fewer allocations, then the path. */
function isBefore<T>(a: SorterNode<T>, b: SorterNode<T>): boolean {
  if (a.share !== b.share) return a.share < b.share;
  if (a.rankedCount !== b.rankedCount) return a.rankedCount < b.rankedCount;
  return a.path < b.path;
}

function compare<T>(a: SorterNode<T>, b: SorterNode<T>): number {
  return isBefore(a, b) ? -1 : 1;
}

function placeOf<T>(ranking: readonly SorterNode<T>[], node: SorterNode<T>): number {
  let low = 0;
  let high = ranking.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(ranking[middle] as SorterNode<T>, node)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function insertRanked<T>(ranking: SorterNode<T>[], node: SorterNode<T>): void {
  ranking.splice(placeOf(ranking, node), 0, node);
}

/** Needs the share and count that the node was ranked by. */
export function removeRanked<T>(ranking: SorterNode<T>[], node: SorterNode<T>): void {
  let place = placeOf(ranking, node);
  // In a ranking that is out of date the place may be wrong.
  if (ranking[place] !== node) place = ranking.indexOf(node);
  if (place >= 0) ranking.splice(place, 1);
}

/** Takes the node to its new place; `rate` gives it its new share and count. */
export function moveRanked<T>(
  ranking: SorterNode<T>[],
  node: SorterNode<T>,
  rate: (node: SorterNode<T>) => void,
): void {
  let at = placeOf(ranking, node);
  if (ranking[at] !== node) at = ranking.indexOf(node);
  rate(node);
  if (at < 0) return;
  const last = ranking.length - 1;
  for (; at < last && isBefore(ranking[at + 1] as SorterNode<T>, node); at++)
    ranking[at] = ranking[at + 1] as SorterNode<T>;
  for (; at > 0 && isBefore(node, ranking[at - 1] as SorterNode<T>); at--)
    ranking[at] = ranking[at - 1] as SorterNode<T>;
  ranking[at] = node;
}

/** Shares were computed anew: most rankings stay as they are, or nearly. */
export function repairRanking<T>(ranking: SorterNode<T>[]): void {
  let budget = 8 * ranking.length;
  for (let i = 1; i < ranking.length; i++) {
    const node = ranking[i] as SorterNode<T>;
    let at = i;
    while (at > 0 && isBefore(node, ranking[at - 1] as SorterNode<T>)) {
      ranking[at] = ranking[at - 1] as SorterNode<T>;
      at--;
    }
    ranking[at] = node;
    budget -= i - at;
    if (budget < 0) {
      ranking.sort(compare);
      return;
    }
  }
}
