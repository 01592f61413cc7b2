import type { Random } from '@mesita/sdk/base';

/**
 * Draws without replacement, each time in proportion to what is left. The sums of a binary tree
 * over the weights make a draw logarithmic, and nobody pays for those who are not drawn.
 */
export class WeightedDraw<T> {
  readonly #items: readonly T[];
  readonly #size: number;
  // A heap-shaped tree: node i has children 2i and 2i+1, the weights are its leaves.
  readonly #tree: Float64Array;
  readonly #weights: number[];
  #places: Map<T, number> | undefined;
  #drawn: number[] = [];

  constructor(items: readonly T[], weights: readonly number[]) {
    this.#items = items;
    this.#weights = weights.slice();
    this.#size = 2 ** Math.ceil(Math.log2(Math.max(1, items.length)));
    this.#tree = new Float64Array(2 * this.#size);
    for (let i = 0; i < items.length; i++) this.#tree[this.#size + i] = weights[i] as number;
    for (let i = this.#size - 1; i > 0; i--) this.#sum(i);
  }

  draw(random: Random): T | undefined {
    const total = this.#tree[1] as number;
    if (!(total > 0)) return undefined;
    let rest = random.next() * total;
    let at = 1;
    while (at < this.#size) {
      const left = this.#tree[2 * at] as number;
      // Rounding must not lead to a side where nothing is left.
      const isRight = rest >= left && (this.#tree[2 * at + 1] as number) > 0;
      if (isRight) rest -= left;
      at = 2 * at + (isRight ? 1 : 0);
    }
    const index = at - this.#size;
    this.#put(index, 0);
    this.#drawn.push(index);
    return this.#items[index];
  }

  /** The same for some of the items, in the order they have here. */
  among(chosen: ReadonlySet<T>): WeightedDraw<T> {
    const items: T[] = [];
    const weights: number[] = [];
    for (const [place, item] of this.#items.entries()) {
      if (!chosen.has(item)) continue;
      items.push(item);
      weights.push(this.#weights[place] as number);
    }
    return new WeightedDraw(items, weights);
  }

  /** It is not drawn any more. */
  drop(item: T): void {
    const place = this.#placeOf(item);
    if (place === undefined) return;
    this.#weights[place] = 0;
    this.#put(place, 0);
  }

  #placeOf(item: T): number | undefined {
    this.#places ??= new Map(this.#items.map((known, place) => [known, place]));
    return this.#places.get(item);
  }

  /** Puts back what was drawn. */
  restore(): void {
    for (const index of this.#drawn) this.#put(index, this.#weights[index] as number);
    this.#drawn.length = 0;
  }

  // Summed anew on the way up instead of added to: no error grows, and nothing left is exactly 0.
  #put(index: number, weight: number): void {
    let at = this.#size + index;
    this.#tree[at] = weight;
    for (at >>= 1; at > 0; at >>= 1) this.#sum(at);
  }

  #sum(at: number): void {
    this.#tree[at] = (this.#tree[2 * at] as number) + (this.#tree[2 * at + 1] as number);
  }
}
