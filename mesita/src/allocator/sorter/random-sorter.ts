import type { Random } from '@mesita/sdk/base';
import type { AllocatorCorrection } from '@mesita/sdk/module';
import type { Quantities } from '../quantities.ts';
import type { Selection, Sorter } from './sorter.ts';
import type { SorterNode, TreeClient } from './sorter-tree.ts';
import { SorterTree } from './sorter-tree.ts';
import { WeightedDraw } from './weighted-draw.ts';

const NONE: ReadonlySet<AllocatorCorrection> = new Set();

/**
 * A weighted shuffle: who comes first is drawn in proportion to weights, then who of the rest
 * comes next, and so on. A weight is shared by the clients below a node in proportion to theirs.
 */
export class RandomSorter<T> extends SorterTree<T> implements Sorter<T> {
  readonly #random: Random;
  #draw: WeightedDraw<T> | undefined;

  constructor(random: Random, corrections: ReadonlySet<AllocatorCorrection> = NONE) {
    super(corrections.has('inner_weights'));
    this.#random = random;
  }

  allocated({ node }: TreeClient<T>, amounts: Quantities): void {
    for (let at: SorterNode<T> | undefined = node; at !== undefined; at = at.parent)
      at.allocation.add(amounts);
  }

  unallocated({ node }: TreeClient<T>, amounts: Quantities): void {
    for (let at: SorterNode<T> | undefined = node; at !== undefined; at = at.parent) {
      at.allocation.subtract(amounts);
    }
  }

  update({ node }: TreeClient<T>, before: Quantities, after: Quantities): void {
    for (let at: SorterNode<T> | undefined = node; at !== undefined; at = at.parent) {
      at.allocation.subtractToZero(before);
      at.allocation.add(after);
    }
  }

  protected override onPresence(): void {
    this.#draw = undefined;
  }

  protected override onChange(): void {
    this.#draw = undefined;
  }

  refresh(): void {
    this.readWeights();
    if (this.#draw !== undefined) return;
    const subjects: T[] = [];
    const weights: number[] = [];
    this.#collect(this.root, 1, subjects, weights);
    this.#draw = new WeightedDraw(subjects, weights);
  }

  /** Idle clients take their part of the weight, so that a sibling's chances do not depend on them. */
  #collect(node: SorterNode<T>, weight: number, subjects: T[], weights: number[]): void {
    if (node.waiting === 0) return;
    if (node.client !== undefined) {
      subjects.push(node.client.subject);
      weights.push(weight);
      return;
    }
    let sum = 0;
    for (const child of node.children.values()) if (child.active > 0) sum += this.weightOf(child);
    for (const child of node.children.values()) {
      if (child.waiting > 0)
        this.#collect(child, (weight * this.weightOf(child)) / sum, subjects, weights);
    }
  }

  walk(visit: (subject: T) => boolean): void {
    this.refresh();
    this.#drawAll(this.#draw as WeightedDraw<T>, visit);
  }

  /** Leaving some out does not change in what order the others are drawn. */
  select(clients: readonly TreeClient<T>[]): Selection<T> {
    this.refresh();
    const chosen = new Set(clients.map(({ subject }) => subject));
    const draw = (this.#draw as WeightedDraw<T>).among(chosen);
    return {
      walk: (visit) => this.#drawAll(draw, visit),
      drop: ({ subject }) => draw.drop(subject),
    };
  }

  #drawAll(draw: WeightedDraw<T>, visit: (subject: T) => boolean): void {
    for (let next = draw.draw(this.#random); next !== undefined; next = draw.draw(this.#random)) {
      if (visit(next)) break;
    }
    draw.restore();
  }

  shareOf(): undefined {
    return undefined;
  }
}
