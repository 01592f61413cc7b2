import type { SorterNode } from './sorter-tree.ts';

/** By name, in thousandths. */
type Amounts = readonly number[];

/**
 * The children of a node in the order in which they are asked: smaller share first, then fewer
 * allocations, then the path. Numbers side by side, not objects: with a thousand siblings each offer
 * sends the first one to the back, and each change of the cluster's totals changes all shares.
 */
export class Ranking<T> {
  #nodes: SorterNode<T>[] = [];
  readonly #free: number[] = [];
  #length = 0;
  /** Slots by place. */
  #order = new Int32Array(4);
  // What is known of a node, by its slot. What comparing reads lies close together.
  /** The share and the count it was ranked by. */
  #ranks = new Float64Array(2 * 4);
  #weights = new Float64Array(4);
  #names = 4;
  #amounts = new Float64Array(4 * 4);

  get length(): number {
    return this.#length;
  }

  at(place: number): SorterNode<T> {
    return this.#nodes[this.#order[place] as number] as SorterNode<T>;
  }

  /** Puts a node at the end, until everything is rated and ranked anew. */
  push(node: SorterNode<T>): void {
    node.slot = this.#free.pop() ?? this.#nodes.length;
    this.#nodes[node.slot] = node;
    if (this.#length === this.#order.length) this.#grow();
    this.#order[this.#length++] = node.slot;
  }

  /** Puts a node at its place. */
  insert(node: SorterNode<T>, amounts: Amounts, weight: number, scale: Amounts): void {
    this.push(node);
    this.rate(node, amounts, weight, scale);
    const last = this.#length - 1;
    this.#carry(last, this.#search(node.slot, 0, last));
  }

  remove(node: SorterNode<T>): void {
    this.#carry(this.#placeOf(node.slot), this.#length - 1);
    this.#length--;
    this.#free.push(node.slot);
  }

  clear(): void {
    this.#nodes = [];
    this.#free.length = 0;
    this.#length = 0;
  }

  /** Takes over the node's figures, and what of amounts it is measured by. The order has to be repaired afterwards. */
  rate({ slot, count }: SorterNode<T>, values: Amounts, weight: number, scale: Amounts): void {
    if (values.length > this.#names) this.#widen(values.length);
    const names = this.#names;
    for (let name = 0; name < names; name++) this.#amounts[slot * names + name] = values[name] ?? 0;
    this.#weights[slot] = weight;
    this.#ranks[2 * slot] = this.#measure(slot, scale);
    this.#ranks[2 * slot + 1] = count;
  }

  #measure(slot: number, scale: Amounts): number {
    const amounts = this.#amounts;
    const names = this.#names;
    const length = Math.min(names, scale.length);
    let share = 0;
    for (let name = 0, at = slot * names; name < length; name++, at++) {
      const total = scale[name] as number;
      if (total <= 0) continue;
      const part = (amounts[at] as number) / total;
      if (part > share) share = part;
    }
    const weight = this.#weights[slot] as number;
    return weight === 1 ? share : share / weight;
  }

  /** Takes the node to its new place. */
  move(node: SorterNode<T>, amounts: Amounts, weight: number, scale: Amounts): void {
    const { slot } = node;
    const from = this.#placeOf(slot);
    this.rate(node, amounts, weight, scale);
    const last = this.#length - 1;
    if (from < last && this.#isAfter(slot, from + 1)) {
      // Who was given something is often the last one then.
      this.#carry(from, this.#isAfter(slot, last) ? last : this.#search(slot, from + 2, last) - 1);
    } else if (from > 0 && !this.#isAfter(slot, from - 1)) {
      this.#carry(from, this.#search(slot, 0, from - 1));
    }
  }

  /** Measures everybody by other totals, and repairs the order on the way. */
  rescale(scale: Amounts): void {
    const ranks = this.#ranks;
    let budget = 8 * this.#length;
    let highest = -1;
    let highestBefore = -1;
    for (let place = 0; place < this.#length; place++) {
      const slot = this.#order[place] as number;
      const before = ranks[2 * slot] as number;
      const share = this.#measure(slot, scale);
      ranks[2 * slot] = share;
      // Equal ones that were equal before are in the right order.
      const isInPlace =
        share > highest ||
        (share === highest && (before === highestBefore || this.#isAfter(slot, place - 1)));
      if (isInPlace) {
        highest = share;
        highestBefore = before;
      } else if (budget >= 0) {
        budget -= this.#insertBack(place);
      }
    }
    if (budget < 0) this.#sort();
  }

  /** After all were rated: most rankings stay as they are, or nearly. */
  repair(): void {
    let budget = 8 * this.#length;
    for (let place = 1; place < this.#length; place++) {
      if (this.#isAfter(this.#order[place] as number, place - 1)) continue;
      budget -= this.#insertBack(place);
      if (budget < 0) {
        this.#sort();
        return;
      }
    }
  }

  /** To where it belongs among those before; gives back how much work that was. */
  #insertBack(place: number): number {
    const to = this.#search(this.#order[place] as number, 0, place - 1);
    this.#carry(place, to);
    return (place - to) >> 3;
  }

  #sort(): void {
    this.#order.subarray(0, this.#length).sort((a, b) => (this.#isBefore(a, b) ? -1 : 1));
  }

  #carry(from: number, to: number): void {
    if (from === to) return;
    const order = this.#order;
    const slot = order[from] as number;
    if (from < to) {
      if (to - from > COPIED_ONE_BY_ONE) order.copyWithin(from, from + 1, to + 1);
      else for (let i = from; i < to; i++) order[i] = order[i + 1] as number;
    } else if (from - to > COPIED_ONE_BY_ONE) order.copyWithin(to + 1, to, from);
    else for (let i = from; i > to; i--) order[i] = order[i - 1] as number;
    order[to] = slot;
  }

  /** The first place, of those between, whose node does not come before this one. */
  #search(slot: number, first: number, end: number): number {
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isAfter(slot, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isAfter(slot: number, place: number): boolean {
    return this.#isBefore(this.#order[place] as number, slot);
  }

  #isBefore(a: number, b: number): boolean {
    const ranks = this.#ranks;
    const share = ranks[2 * a] as number;
    const otherShare = ranks[2 * b] as number;
    if (share !== otherShare) return share < otherShare;
    const count = ranks[2 * a + 1] as number;
    const otherCount = ranks[2 * b + 1] as number;
    if (count !== otherCount) return count < otherCount;
    return (this.#nodes[a] as SorterNode<T>).path < (this.#nodes[b] as SorterNode<T>).path;
  }

  #placeOf(slot: number): number {
    if (this.#order[0] === slot) return 0;
    const place = this.#search(slot, 0, this.#length);
    if (place < this.#length && this.#order[place] === slot) return place;
    // In a ranking that is out of date the place may be wrong.
    return this.#order.subarray(0, this.#length).indexOf(slot);
  }

  #grow(): void {
    const order = new Int32Array(2 * this.#order.length);
    order.set(this.#order);
    this.#order = order;
    this.#ranks = doubled(this.#ranks);
    this.#weights = doubled(this.#weights);
    this.#amounts = doubled(this.#amounts);
  }

  #widen(names: number): void {
    const before = this.#names;
    const amounts = new Float64Array(this.#order.length * names);
    for (let slot = 0; slot < this.#order.length; slot++)
      amounts.set(this.#amounts.subarray(slot * before, (slot + 1) * before), slot * names);
    this.#amounts = amounts;
    this.#names = names;
  }
}

function doubled(figures: Float64Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(2 * figures.length);
  result.set(figures);
  return result;
}

// A short way is gone quicker step by step.
const COPIED_ONE_BY_ONE = 16;
