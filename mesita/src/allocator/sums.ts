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

  constructor(all: Quantities, reserved: Quantities, free: Quantities, hasShared: boolean) {
    this.all = all;
    this.reserved = reserved;
    this.free = free;
    this.hasShared = hasShared;
  }

  get hasReserved(): boolean {
    return this.reserved !== NOTHING;
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
  const free = new Quantities();
  let all = free;
  let reserved = NOTHING;
  let hasShared = false;
  for (const item of items) {
    if (item.of.isShared) hasShared = true;
    if (item.type !== 'SCALAR') continue;
    const name = names.indexOf(item.of.template.name);
    if (isFreeItem(item)) {
      free.addAt(name, item.value);
      if (all !== free) all.addAt(name, item.value);
      continue;
    }
    // Mostly everything is free, and then one sum says it all.
    if (all === free) {
      all = new Quantities();
      all.copyFrom(free);
    }
    all.addAt(name, item.value);
    if (!isReservedItem(item)) continue;
    if (reserved === NOTHING) reserved = new Quantities();
    reserved.addAt(name, item.value);
  }
  return new Sums(all, reserved, free, hasShared);
}
