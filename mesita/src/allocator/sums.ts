import type { Item, Resources } from '@mesita/sdk/resources';
import type { ResourceNames } from './quantities.ts';
import { Quantities } from './quantities.ts';

/** Scalars of some resources: all together, and by what quota makes of them. */
export class Sums {
  readonly all = new Quantities();
  readonly reserved = new Quantities();
  /** Unreserved and not revocable: what is given by quota and fair share. */
  readonly free = new Quantities();
  readonly revocable = new Quantities();
  hasShared = false;
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
  const sums = new Sums();
  for (const item of resources.items) {
    sums.hasShared ||= item.of.isShared;
    addTo(sums, item, names, 1);
  }
  return sums;
}

export function addTo(sums: Sums, item: Item, names: ResourceNames, sign: 1 | -1): void {
  if (item.type !== 'SCALAR') return;
  const name = names.indexOf(item.of.template.name);
  const amount = sign * item.value;
  sums.all.addAt(name, amount);
  const isRevocable = isRevocableItem(item);
  if (isRevocable) sums.revocable.addAt(name, amount);
  if (isReservedItem(item)) sums.reserved.addAt(name, amount);
  else if (!isRevocable) sums.free.addAt(name, amount);
}
