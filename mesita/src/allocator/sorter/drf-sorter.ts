import type { AllocatorCorrection } from '@mesita/sdk/module';
import type { Quantities } from '../quantities.ts';
import type { ClusterTotals } from '../totals.ts';
import type { Selection, Sorter } from './sorter.ts';
import type { SorterNode, TreeClient } from './sorter-tree.ts';
import { SorterTree } from './sorter-tree.ts';
import { dominantShare, SubtreeShares } from './subtree-shares.ts';

const NONE: ReadonlySet<AllocatorCorrection> = new Set();

/**
 * Dominant resource fairness: siblings are asked in the order of their largest share of any
 * scalar, divided by their weight.
 *
 * Rankings are kept, not made: an allocation moves the nodes on one path, at the next walk. Only
 * a change of the totals computes all shares anew, and then a nearly sorted ranking is repaired.
 */
export class DrfSorter<T> extends SorterTree<T> implements Sorter<T> {
  readonly #totals: ClusterTotals;
  #touched: SorterNode<T>[] = [];
  #isStale = false;
  #version = -1;
  /** The totals that shares are measured by; what does not count is 0. */
  #scale: readonly number[] = [];
  readonly #subtrees: SubtreeShares<T> | undefined;

  constructor(totals: ClusterTotals, corrections: ReadonlySet<AllocatorCorrection> = NONE) {
    super(corrections.has('inner_weights'));
    if (corrections.has('fair_subtrees'))
      this.#subtrees = new SubtreeShares((node) => this.weightOf(node));
    this.#totals = totals;
  }

  allocated(client: TreeClient<T>, amounts: Quantities): void {
    for (
      let node: SorterNode<T> | undefined = client.node;
      node !== undefined;
      node = node.parent
    ) {
      node.allocation.add(amounts);
      node.count++;
      this.#touch(node);
    }
  }

  unallocated(client: TreeClient<T>, amounts: Quantities): void {
    for (
      let node: SorterNode<T> | undefined = client.node;
      node !== undefined;
      node = node.parent
    ) {
      node.allocation.subtract(amounts);
      this.#touch(node);
    }
  }

  update(client: TreeClient<T>, before: Quantities, after: Quantities): void {
    for (
      let node: SorterNode<T> | undefined = client.node;
      node !== undefined;
      node = node.parent
    ) {
      node.allocation.subtractToZero(before);
      node.allocation.add(after);
      this.#touch(node);
    }
  }

  #touch(node: SorterNode<T>): void {
    if (node.isTouched || !node.isRanked) return;
    node.isTouched = true;
    this.#touched.push(node);
  }

  protected override onPresence(node: SorterNode<T>): void {
    const parent = node.parent as SorterNode<T>;
    // Who waits decides by whom a subtree is measured.
    if (this.#subtrees !== undefined) this.#isStale = true;
    if (node.waiting > 0 === node.isRanked) return;
    node.isRanked = !node.isRanked;
    if (!node.isRanked) {
      parent.ranking.remove(node);
    } else if (node.client !== undefined && !this.#isStale) {
      parent.ranking.insert(node, node.allocation.values, this.weightOf(node), this.#scale);
    } else {
      // The weight of an inner node must not be read before the order is asked for.
      parent.ranking.push(node);
      this.#isStale = true;
    }
  }

  protected override onChange(): void {
    this.#isStale = true;
  }

  refresh(): void {
    this.readWeights();
    if (this.#version !== this.#totals.version) this.#rescale();
    if (this.#isStale) {
      this.#rankAll(this.root);
      this.#isStale = false;
    } else {
      for (const node of this.#touched) this.#rerank(node);
    }
    for (const node of this.#touched) node.isTouched = false;
    this.#touched.length = 0;
  }

  /** Totals that grow alike for all names leave the order as it is, and the scale with it. */
  #rescale(): void {
    this.#version = this.#totals.version;
    const { scale } = this.#totals;
    if (isProportional(scale, this.#scale)) return;
    this.#scale = scale;
    if (this.#subtrees !== undefined) this.#isStale = true;
    if (!this.#isStale) this.#rescaleAll(this.root);
  }

  /** What was touched meanwhile is rated afterwards. */
  #rescaleAll(node: SorterNode<T>): void {
    node.ranking.rescale(this.#scale);
    if (node.inner !== undefined) for (const child of node.inner) this.#rescaleAll(child);
  }

  #rankAll({ ranking }: SorterNode<T>): void {
    for (let place = 0; place < ranking.length; place++) {
      const child = ranking.at(place);
      ranking.rate(child, this.#amountsOf(child), this.weightOf(child), this.#scale);
      if (child.client === undefined) this.#rankAll(child);
    }
    ranking.repair();
  }

  #rerank(node: SorterNode<T>): void {
    if (!node.isRanked) return;
    const amounts = this.#amountsOf(node);
    node.parent?.ranking.move(node, amounts, this.weightOf(node), this.#scale);
  }

  #amountsOf(node: SorterNode<T>): readonly number[] {
    if (this.#subtrees === undefined || node.client !== undefined) return node.allocation.values;
    return this.#subtrees.amountsOf(node, this.#scale);
  }

  walk(visit: (subject: T) => boolean): void {
    this.refresh();
    walkBelow(this.root, visit);
  }

  select(clients: readonly TreeClient<T>[]): Selection<T> {
    const chosen = new Set(clients.map(({ subject }) => subject));
    return {
      walk: (visit) => {
        let left = chosen.size;
        if (left > 0)
          this.walk((subject) => chosen.has(subject) && (visit(subject) || --left === 0));
      },
      drop: ({ subject }) => void chosen.delete(subject),
    };
  }

  shareOf({ node }: TreeClient<T>): number {
    return dominantShare(node.allocation.values, this.#totals.scale) / this.weightOf(node);
  }
}

function isProportional(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  let first = 0;
  while (first < a.length && (a[first] as number) <= 0) first++;
  if (first === a.length) return b.every((total) => total <= 0);
  const mine = a[first] as number;
  const other = b[first] as number;
  for (let name = 0; name < a.length; name++) {
    if ((a[name] as number) * other !== mine * (b[name] as number)) return false;
  }
  return true;
}

function walkBelow<T>(node: SorterNode<T>, visit: (subject: T) => boolean): boolean {
  const { ranking } = node;
  for (let place = 0; place < ranking.length; place++) {
    const child = ranking.at(place);
    const isDone =
      child.client === undefined ? walkBelow(child, visit) : visit(child.client.subject);
    if (isDone) return true;
  }
  return false;
}
