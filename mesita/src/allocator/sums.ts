import type { Item, Resources } from '@mesita/sdk/resources';
import type { ResourceNames } from './quantities.ts';
import { Quantities } from './quantities.ts';

const NOTHING = new Quantities();

/** Scalars of some resources: all together, and by what quota makes of them. Not to be changed. */
export class Sums {
  readonly all: Quantities;
  readonly reserved: Quantities;
  /** Unreserved and not revocable: what is given by quota and fair share. */
  readonly free: Quantities;
  readonly hasShared: boolean;
  readonly hasReserved: boolean;
  readonly hasFree: boolean;

  constructor(all: Quantities, reserved: Quantities, free: Quantities, hasShared: boolean) {
    this.all = all;
    this.reserved = reserved;
    this.free = free;
    this.hasShared = hasShared;
    this.hasReserved = reserved !== NOTHING;
    this.hasFree = free !== NOTHING;
  }
}

export function isReservedItem(item: Item): boolean {
  const { reservations } = item.of.template;
  return reservations !== undefined && reservations.length > 0;
}

export function isRevocableItem(item: Item): boolean {
  return item.of.template.revocable !== undefined;
}

export function isFreeItem(item: Item): boolean {
  return item.type === 'SCALAR' && !isReservedItem(item) && !isRevocableItem(item);
}

/** Each object counts once, however many copies of a shared one there are. */
export function sumsOf(resources: Resources, names: ResourceNames): Sums {
  return sumsOfItems(resources.items, names);
}

export function sumsOfItems(items: readonly Item[], names: ResourceNames): Sums {
  let free = NOTHING;
  let reserved = NOTHING;
  let rest = NOTHING;
  let hasShared = false;
  for (const item of items) {
    if (item.of.isShared) hasShared = true;
    if (item.type !== 'SCALAR') continue;
    const name = names.indexOf(item.of.template.name);
    if (isReservedItem(item)) reserved = plus(reserved, name, item.value);
    else if (isRevocableItem(item)) rest = plus(rest, name, item.value);
    else free = plus(free, name, item.value);
  }
  return new Sums(total([free, reserved, rest]), reserved, free, hasShared);
}

function plus(sum: Quantities, name: number, amount: number): Quantities {
  const result = sum === NOTHING ? new Quantities() : sum;
  result.addAt(name, amount);
  return result;
}

/** Mostly all is of one sort, and then one sum says it all. */
function total(sums: readonly Quantities[]): Quantities {
  const parts = sums.filter((sum) => sum !== NOTHING);
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? NOTHING;
  const all = new Quantities();
  for (const part of parts) all.add(part);
  return all;
}
