import type { SorterNode } from './sorter-tree.ts';

/**
 * The children of a node in the order in which they are asked: smaller share first, then fewer
 * allocations, then the path. What moves is a number and a share in arrays that the processor
 * copies in one go, not objects: with a thousand siblings each offer sends the first one to the back.
 */
export class Ranking<T> {
  #nodes: SorterNode<T>[] = [];
  readonly #free: number[] = [];
  /** By place: the node's index, and the share it was ranked by. */
  #order = new Int32Array(4);
  #shares = new Float64Array(4);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(place: number): SorterNode<T> {
    return this.#nodes[this.#order[place] as number] as SorterNode<T>;
  }

  /** Puts a node that is rated at its place. */
  insert(node: SorterNode<T>): void {
    const place = this.#search(node);
    this.#append(node);
    this.#carry(this.#length - 1, place, node.slot, node.share);
  }

  /** Puts a node at the end, until everything is ranked anew. */
  push(node: SorterNode<T>): void {
    this.#append(node);
  }

  #append(node: SorterNode<T>): void {
    node.slot = this.#free.pop() ?? this.#nodes.length;
    this.#nodes[node.slot] = node;
    if (this.#length === this.#order.length) this.#grow();
    this.#order[this.#length] = node.slot;
    this.#shares[this.#length] = node.share;
    this.#length++;
  }

  #grow(): void {
    const order = new Int32Array(2 * this.#length);
    const shares = new Float64Array(2 * this.#length);
    order.set(this.#order);
    shares.set(this.#shares);
    this.#order = order;
    this.#shares = shares;
  }

  remove(node: SorterNode<T>): void {
    const place = this.#placeOf(node);
    this.#order.copyWithin(place, place + 1, this.#length);
    this.#shares.copyWithin(place, place + 1, this.#length);
    this.#length--;
    this.#free.push(node.slot);
  }

  clear(): void {
    this.#nodes = [];
    this.#free.length = 0;
    this.#length = 0;
  }

  /** Takes the node to its new place; `rate` gives it its new share and count. */
  move(node: SorterNode<T>, rate: (node: SorterNode<T>) => void): void {
    const from = this.#placeOf(node);
    rate(node);
    const last = this.#length - 1;
    if (from < last && this.#isAfter(node, from + 1)) {
      this.#carry(from, this.#search(node, from + 1) - 1, node.slot, node.share);
    } else if (from > 0 && !this.#isAfter(node, from - 1)) {
      this.#carry(from, this.#search(node, 0, from), node.slot, node.share);
    } else {
      this.#shares[from] = node.share;
    }
  }

  #carry(from: number, to: number, slot: number, share: number): void {
    if (from < to) {
      this.#order.copyWithin(from, from + 1, to + 1);
      this.#shares.copyWithin(from, from + 1, to + 1);
    } else if (from > to) {
      this.#order.copyWithin(to + 1, to, from);
      this.#shares.copyWithin(to + 1, to, from);
    }
    this.#order[to] = slot;
    this.#shares[to] = share;
  }

  /** The first place whose node does not come before this one. */
  #search(node: SorterNode<T>, first = 0, end = this.#length): number {
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isAfter(node, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isAfter(node: SorterNode<T>, place: number): boolean {
    const share = this.#shares[place] as number;
    return share !== node.share ? share < node.share : isBefore(this.at(place), node);
  }

  #placeOf(node: SorterNode<T>): number {
    const place = this.#search(node);
    if (place < this.#length && this.#order[place] === node.slot) return place;
    // In a ranking that is out of date the place may be wrong.
    return this.#order.subarray(0, this.#length).indexOf(node.slot);
  }

  /** Shares were computed anew: most rankings stay as they are, or nearly. */
  repair(): void {
    for (let i = 0; i < this.#length; i++) this.#shares[i] = this.at(i).share;
    let budget = 8 * this.#length;
    for (let i = 1; i < this.#length; i++) {
      const node = this.at(i);
      let at = i;
      while (at > 0 && !this.#isAfter(node, at - 1)) at--;
      this.#carry(i, at, node.slot, node.share);
      budget -= i - at;
      if (budget < 0) {
        this.#sort();
        return;
      }
    }
  }

  #sort(): void {
    const nodes = Array.from({ length: this.#length }, (_, place) => this.at(place));
    nodes.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    for (const [place, { slot, share }] of nodes.entries()) {
      this.#order[place] = slot;
      this.#shares[place] = share;
    }
  }
}

function isBefore<T>(a: SorterNode<T>, b: SorterNode<T>): boolean {
  if (a.share !== b.share) return a.share < b.share;
  if (a.rankedCount !== b.rankedCount) return a.rankedCount < b.rankedCount;
  return a.path < b.path;
}
