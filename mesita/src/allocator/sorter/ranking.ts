import type { SorterNode } from './sorter-tree.ts';

// What is known of a node, by its slot: the share and the count it was ranked by, its weight, and
// its amounts by name.
const SHARE = 0;
const COUNT = 1;
const WEIGHT = 2;
const AMOUNTS = 3;

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
  #names = 4;
  #figures = new Float64Array(4 * (AMOUNTS + 4));

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
    const at = slot * (AMOUNTS + this.#names);
    const figures = this.#figures;
    figures[at + COUNT] = count;
    figures[at + WEIGHT] = weight;
    for (let name = 0; name < this.#names; name++) figures[at + AMOUNTS + name] = values[name] ?? 0;
    this.#measure(at, scale);
  }

  #measure(at: number, scale: Amounts): void {
    const figures = this.#figures;
    const length = Math.min(this.#names, scale.length);
    let share = 0;
    for (let name = 0; name < length; name++) {
      const total = scale[name] as number;
      if (total <= 0) continue;
      const part = (figures[at + AMOUNTS + name] as number) / total;
      if (part > share) share = part;
    }
    figures[at + SHARE] = share / (figures[at + WEIGHT] as number);
  }

  /** Takes the node to its new place. */
  move(node: SorterNode<T>, amounts: Amounts, weight: number, scale: Amounts): void {
    const from = this.#placeOf(node.slot);
    this.rate(node, amounts, weight, scale);
    const last = this.#length - 1;
    if (from < last && this.#isAfter(node.slot, from + 1)) {
      this.#carry(from, this.#search(node.slot, from + 2, this.#length) - 1);
    } else if (from > 0 && !this.#isAfter(node.slot, from - 1)) {
      this.#carry(from, this.#search(node.slot, 0, from - 1));
    }
  }

  /** Measures everybody by other totals. */
  rescale(scale: Amounts): void {
    const stride = AMOUNTS + this.#names;
    for (let place = 0; place < this.#length; place++)
      this.#measure((this.#order[place] as number) * stride, scale);
    this.repair();
  }

  /** After all were rated: most rankings stay as they are, or nearly. */
  repair(): void {
    let budget = 8 * this.#length;
    for (let place = 1; place < this.#length; place++) {
      const slot = this.#order[place] as number;
      if (this.#isAfter(slot, place - 1)) continue;
      const to = this.#search(slot, 0, place - 1);
      this.#carry(place, to);
      budget -= (place - to) >> 3;
      if (budget < 0) {
        this.#sort();
        return;
      }
    }
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
    const figures = this.#figures;
    const stride = AMOUNTS + this.#names;
    const left = a * stride;
    const right = b * stride;
    const share = figures[left + SHARE] as number;
    const otherShare = figures[right + SHARE] as number;
    if (share !== otherShare) return share < otherShare;
    const count = figures[left + COUNT] as number;
    const otherCount = figures[right + COUNT] as number;
    if (count !== otherCount) return count < otherCount;
    return (this.#nodes[a] as SorterNode<T>).path < (this.#nodes[b] as SorterNode<T>).path;
  }

  #placeOf(slot: number): number {
    const place = this.#search(slot, 0, this.#length);
    if (place < this.#length && this.#order[place] === slot) return place;
    // In a ranking that is out of date the place may be wrong.
    return this.#order.subarray(0, this.#length).indexOf(slot);
  }

  #grow(): void {
    const order = new Int32Array(2 * this.#order.length);
    order.set(this.#order);
    this.#order = order;
    const figures = new Float64Array(2 * this.#figures.length);
    figures.set(this.#figures);
    this.#figures = figures;
  }

  #widen(names: number): void {
    const [before, after] = [AMOUNTS + this.#names, AMOUNTS + names];
    const figures = new Float64Array(this.#order.length * after);
    for (let slot = 0; slot < this.#order.length; slot++)
      figures.set(this.#figures.subarray(slot * before, (slot + 1) * before), slot * after);
    this.#figures = figures;
    this.#names = names;
  }
}

// A short way is gone quicker step by step.
const COPIED_ONE_BY_ONE = 16;
