import type { Resource } from '../types/mesos.ts';
import { diskKey, isIndivisible, isPersistentVolume, validateDisk } from './disk.ts';
import {
  isUnreserved,
  reservationRole,
  reservationsKey,
  validateReservations,
} from './reservations.ts';
import { isInRoleSubtree } from './roles.ts';
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

/** What an amount is an amount of. Made once per message, then shared by everything derived from it. */
export interface Descriptor {
  /** Equal exactly when two amounts are of the same thing. */
  readonly key: string;
  /** The message without its value, in the `post` format. */
  readonly template: Resource;
  readonly isIndivisible: boolean;
  readonly isShared: boolean;
}

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
  const { scalar, ranges, set, ...template } = message;
  const of = describe(template);
  switch (message.type) {
    case 'RANGES':
      return { type: 'RANGES', of, value: rangesFromMessage(ranges), copies: 1 };
    case 'SET':
      return { type: 'SET', of, value: set?.item ?? [], copies: 1 };
    default:
      return { type: 'SCALAR', of, value: toThousandths(scalar?.value ?? 0), copies: 1 };
  }
}

export function messageOf(item: Item): Resource {
  const template = item.of.template;
  switch (item.type) {
    case 'SCALAR':
      return { ...template, scalar: { value: fromThousandths(item.value) } };
    case 'RANGES':
      return { ...template, ranges: rangesToMessage(item.value) };
    case 'SET':
      return { ...template, set: { item: item.value } };
  }
}

export function describe(template: Resource): Descriptor {
  return {
    key: keyOf(template),
    template,
    isIndivisible: isIndivisible(template),
    isShared: template.shared !== undefined,
  };
}

function keyOf(template: Resource): string {
  const { name, type, reservations, disk, revocable, shared, allocationInfo, providerId } =
    template;
  const isReserved = reservations !== undefined && reservations.length > 0;
  const special = isReserved || disk || revocable || shared || providerId;
  const role = allocationInfo?.role;
  if (!special && allocationInfo === undefined) return `${type}:${name}`;
  return JSON.stringify([
    type,
    name,
    allocationInfo === undefined ? 0 : (role ?? null),
    isReserved ? reservationsKey(reservations) : 0,
    disk === undefined ? 0 : diskKey(disk),
    revocable !== undefined,
    shared !== undefined,
    providerId?.value ?? null,
  ]);
}

export function withTemplate(item: Item, template: Resource): Item {
  return { ...item, of: describe(template) };
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

export function isRevocable(resource: Resource): boolean {
  return resource.revocable !== undefined;
}

export function isShared(resource: Resource): boolean {
  return resource.shared !== undefined;
}

export function hasResourceProvider(resource: Resource): boolean {
  return resource.providerId !== undefined;
}

/** Unreserved, or reserved to the role itself or to an ancestor of it. */
export function isAllocatableTo(resource: Resource, role: string): boolean {
  return isUnreserved(resource) || isInRoleSubtree(role, reservationRole(resource));
}

export function isReservedToRoleSubtree(resource: Resource, role: string): boolean {
  return isInRoleSubtree(reservationRole(resource), role);
}

export function isAllocatedToRoleSubtree(resource: Resource, role: string): boolean {
  return (
    resource.allocationInfo?.role !== undefined &&
    isInRoleSubtree(resource.allocationInfo.role, role)
  );
}

/** The reason why a message (in any format) is not a resource, in Mesos' words. */
export function validateResource(resource: Resource): string | undefined {
  if (resource.name === '') return 'Empty resource name';
  return (
    validateAmount(resource) ??
    validateDisk(resource) ??
    validateReservations(resource) ??
    validateShared(resource)
  );
}

function validateAmount({ type, scalar, ranges, set }: Resource): string | undefined {
  switch (type) {
    case 'SCALAR':
      if (scalar === undefined || ranges !== undefined || set !== undefined)
        return 'Invalid scalar resource';
      if (scalar.value !== 0 && !(toThousandths(scalar.value) > 0))
        return 'Invalid scalar resource: value <= 0';
      return undefined;
    case 'RANGES':
      if (scalar !== undefined || ranges === undefined || set !== undefined)
        return 'Invalid ranges resource';
      return validateRanges((ranges.range ?? []).map(({ begin, end }) => [begin, end]));
    case 'SET': {
      if (scalar !== undefined || ranges !== undefined || set === undefined)
        return 'Invalid set resource';
      const items = set.item ?? [];
      return new Set(items).size < items.length
        ? 'Invalid set resource: duplicated elements'
        : undefined;
    }
    default:
      return 'Unsupported resource type';
  }
}

function validateRanges(pairs: [number, number][]): string | undefined {
  if (pairs.some(([begin, end]) => !(begin <= end))) return 'Invalid ranges resource: begin > end';
  pairs.sort((a, b) => a[0] - b[0]);
  const overlaps = pairs.some(
    ([begin], index) => index > 0 && begin <= (pairs[index - 1]?.[1] as number),
  );
  return overlaps ? 'Invalid ranges resource: overlapping ranges' : undefined;
}

function validateShared(resource: Resource): string | undefined {
  if (resource.shared === undefined) return undefined;
  if (resource.name !== 'disk') return `Resource ${resource.name} cannot be shared`;
  return isPersistentVolume(resource) ? undefined : 'Only persistent volumes can be shared';
}
