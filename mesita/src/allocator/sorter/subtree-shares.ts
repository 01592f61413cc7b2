import type { SorterNode } from './sorter-tree.ts';

/**
 * What a node with children is measured by when subtrees are to be fair: the plain sum of a subtree
 * lets a part that has much of one resource push all its siblings back, for as long as it keeps it.
 * So those who wait and have something are first scaled down to the least share among them, and
 * only then added: after Bhattacharya et al., Hierarchical Scheduling for Diverse Datacenter
 * Workloads (2013).
 *
 * It is worked out anew each time, in proportion to the size of the subtree.
 */
export class SubtreeShares<T> {
  readonly #weightOf: (node: SorterNode<T>) => number;

  constructor(weightOf: (node: SorterNode<T>) => number) {
    this.#weightOf = weightOf;
  }

  amountsOf(node: SorterNode<T>, scale: readonly number[]): readonly number[] {
    if (node.client !== undefined) return node.allocation.values;
    const parts: { amounts: readonly number[]; share: number }[] = [];
    for (const child of node.children.values()) {
      if (child.waiting === 0) continue;
      const amounts = this.amountsOf(child, scale);
      const share = dominantShare(amounts, scale) / this.#weightOf(child);
      if (share > 0) parts.push({ amounts, share });
    }
    const least = Math.min(...parts.map(({ share }) => share));
    const sum: number[] = [0, 0, 0, 0];
    for (const { amounts, share } of parts) {
      for (const [name, amount] of amounts.entries())
        sum[name] = (sum[name] ?? 0) + (amount * least) / share;
    }
    return sum;
  }
}

/** The largest part of any total; totals of nothing do not count. */
export function dominantShare(amounts: readonly number[], totals: readonly number[]): number {
  let share = 0;
  for (let name = 0; name < totals.length; name++) {
    const total = totals[name] as number;
    if (total > 0) share = Math.max(share, (amounts[name] ?? 0) / total);
  }
  return share;
}
