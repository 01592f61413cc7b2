import type { Resource } from '../types/mesos.ts';
import type { Descriptor } from './descriptor.ts';
import { describe, messageFrom } from './descriptor.ts';
import type { Ranges } from './value-ranges.ts';
import {
  addRanges,
  rangesContain,
  rangesEqual,
  rangesFromMessage,
  rangesToMessage,
  subtractRanges,
} from './value-ranges.ts';
import { fromThousandths, toThousandths } from './value-scalar.ts';
import type { Items } from './value-set.ts';
import { addItems, itemsContain, itemsEqual, subtractItems } from './value-set.ts';

/** One object of `Resources`: an amount, and how many holders it has when shared (else 1). */
export type Item =
  | {
      readonly type: 'SCALAR';
      readonly of: Descriptor;
      readonly value: number;
      readonly copies: number;
    }
  | {
      readonly type: 'RANGES';
      readonly of: Descriptor;
      readonly value: Ranges;
      readonly copies: number;
    }
  | {
      readonly type: 'SET';
      readonly of: Descriptor;
      readonly value: Items;
      readonly copies: number;
    };

/** Expects a valid message in the `post` format. */
export function itemOf(message: Resource): Item {
  const of = describe(message);
  switch (message.type) {
    case 'RANGES':
      return { type: 'RANGES', of, value: rangesFromMessage(message.ranges), copies: 1 };
    case 'SET':
      return { type: 'SET', of, value: message.set?.item ?? [], copies: 1 };
    default:
      return { type: 'SCALAR', of, value: toThousandths(message.scalar?.value ?? 0), copies: 1 };
  }
}

export function messageOf(item: Item): Resource {
  const message = messageFrom(item.of);
  if (item.type === 'SCALAR') message.scalar = { value: fromThousandths(item.value) };
  else if (item.type === 'RANGES') message.ranges = rangesToMessage(item.value);
  else message.set = { item: item.value };
  return message;
}

export function withDescriptor(item: Item, of: Descriptor): Item {
  const { type, value, copies } = item;
  return { type, of, value, copies } as Item;
}

export function withCopies(item: Item, copies: number): Item {
  return { ...item, copies };
}

export function isEmptyItem(item: Item): boolean {
  if (item.of.isShared && item.copies <= 0) return true;
  return item.type === 'SCALAR' ? item.value <= 0 : item.value.length === 0;
}

export function isSameAmount(a: Item, b: Item): boolean {
  if (a.type === 'SCALAR') return a.value === b.value;
  if (a.type === 'RANGES') return b.type === 'RANGES' && rangesEqual(a.value, b.value);
  return b.type === 'SET' && itemsEqual(a.value, b.value);
}

function isSameKind(a: Item, b: Item): boolean {
  return a.of === b.of || a.of.key === b.of.key;
}

/** Whether both can become one object. */
export function isAddable(a: Item, b: Item): boolean {
  if (!isSameKind(a, b)) return false;
  if (a.of.isShared) return isSameAmount(a, b);
  return !a.of.isIndivisible;
}

/** Whether `b` can be taken out of `a`; what is not there is not asked. */
export function isSubtractable(a: Item, b: Item): boolean {
  if (!isSameKind(a, b)) return false;
  return a.of.isShared || a.of.isIndivisible ? isSameAmount(a, b) : true;
}

export function itemContains(a: Item, b: Item): boolean {
  if (!isSubtractable(a, b)) return false;
  if (a.of.isShared) return a.copies >= b.copies;
  if (a.type === 'SCALAR') return b.type === 'SCALAR' && b.value <= a.value;
  if (a.type === 'RANGES') return b.type === 'RANGES' && rangesContain(a.value, b.value);
  return b.type === 'SET' && itemsContain(a.value, b.value);
}

/** The sum of two addable objects. */
export function addItem(a: Item, b: Item): Item {
  const { of, copies } = a;
  if (of.isShared) return withCopies(a, copies + b.copies);
  if (a.type === 'SCALAR')
    return { type: 'SCALAR', of, value: a.value + (b as typeof a).value, copies };
  if (a.type === 'RANGES')
    return { type: 'RANGES', of, value: addRanges(a.value, (b as typeof a).value), copies };
  return { type: 'SET', of, value: addItems(a.value, (b as typeof a).value), copies };
}

/** What `b` leaves of `a`; may come out empty or negative. */
export function subtractItem(a: Item, b: Item): Item {
  const { of, copies } = a;
  if (of.isShared) return withCopies(a, copies - b.copies);
  if (a.type === 'SCALAR')
    return { type: 'SCALAR', of, value: a.value - (b as typeof a).value, copies };
  if (a.type === 'RANGES')
    return { type: 'RANGES', of, value: subtractRanges(a.value, (b as typeof a).value), copies };
  return { type: 'SET', of, value: subtractItems(a.value, (b as typeof a).value), copies };
}
