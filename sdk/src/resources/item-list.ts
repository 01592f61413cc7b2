import { isPersistentVolume } from './disk.ts';
import type { Item } from './item.ts';
import {
  addItem,
  isAddable,
  isEmptyItem,
  isSubtractable,
  itemContains,
  subtractItem,
} from './item.ts';

// Lists of items are short nearly always, and a plain search is fastest. Above this product of
// lengths the keys are indexed, so that a thousand reservations do not cost a million comparisons;
// but an index costs more than a few searches, however long the list.
const INDEX_FROM = 1024;
const INDEX_FOR = 16;

type Test = (mine: Item, other: Item) => boolean;

/** Finds items by what they are of; positions are told of every change. */
class ItemIndex {
  private readonly positions = new Map<string, number[]>();

  constructor(items: readonly Item[]) {
    items.forEach((item, at) => {
      this.put(item, at);
    });
  }

  put({ of }: Item, at: number): void {
    const positions = this.positions.get(of.key);
    if (positions === undefined) this.positions.set(of.key, [at]);
    else positions.push(at);
  }

  drop({ of }: Item, at: number): void {
    const positions = this.positions.get(of.key);
    positions?.splice(positions.indexOf(at), 1);
  }

  find(items: readonly Item[], wanted: Item, test: Test): number {
    return this.positions.get(wanted.of.key)?.find((at) => test(items[at] as Item, wanted)) ?? -1;
  }
}

function indexFor(
  left: readonly Item[],
  right: readonly Item[],
  longest = left.length,
): ItemIndex | undefined {
  return right.length >= INDEX_FOR && longest * right.length >= INDEX_FROM
    ? new ItemIndex(left)
    : undefined;
}

function find(
  items: readonly Item[],
  index: ItemIndex | undefined,
  wanted: Item,
  test: Test,
): number {
  if (index !== undefined) return index.find(items, wanted, test);
  for (let at = 0; at < items.length; at++) if (test(items[at] as Item, wanted)) return at;
  return -1;
}

export function sumItems(left: readonly Item[], right: readonly Item[]): Item[] {
  const total = left.slice();
  const index = indexFor(left, right, left.length + right.length);
  for (const item of right) {
    if (isEmptyItem(item)) continue;
    const isAlone = item.of.isIndivisible && !item.of.isShared;
    const at = isAlone ? -1 : find(total, index, item, isAddable);
    if (at >= 0) total[at] = addItem(total[at] as Item, item);
    else {
      index?.put(item, total.length);
      total.push(item);
    }
  }
  return total;
}

/** What is used up is replaced by the last object, as Mesos does, so that texts come in its order. */
export function subtractItems(left: readonly Item[], right: readonly Item[]): Item[] {
  const rest = left.slice();
  const index = indexFor(left, right);
  for (const item of right) {
    const at = find(rest, index, item, isSubtractable);
    if (at < 0) continue;
    const mine = rest[at] as Item;
    const less = subtractItem(mine, item);
    if (isEmptyItem(less)) remove(rest, index, at);
    else rest[at] = less;
  }
  return rest;
}

function remove(items: Item[], index: ItemIndex | undefined, at: number): void {
  index?.drop(items[at] as Item, at);
  const last = items.pop() as Item;
  if (at === items.length) return;
  index?.drop(last, items.length);
  index?.put(last, at);
  items[at] = last;
}

export function itemsContainAll(left: readonly Item[], right: readonly Item[]): boolean {
  let volumes = 0;
  for (const item of right) if (isVolume(item)) volumes++;
  const hasVolumes = volumes > 1;
  // Only volumes are used up by the walk: with one copy of a volume, two are not contained.
  const remaining = hasVolumes ? left.slice() : left;
  const index = indexFor(left, right);
  for (const item of right) {
    const at = find(remaining, index, item, itemContains);
    if (at < 0) return false;
    if (hasVolumes && isVolume(item)) use(remaining as Item[], index, at, item);
  }
  return true;
}

function isVolume({ of }: Item): boolean {
  return of.isIndivisible && isPersistentVolume(of.template);
}

function use(items: Item[], index: ItemIndex | undefined, at: number, item: Item): void {
  const less = subtractItem(items[at] as Item, item);
  if (!item.of.isShared || isEmptyItem(less)) remove(items, index, at);
  else items[at] = less;
}
