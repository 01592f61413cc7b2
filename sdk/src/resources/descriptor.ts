import type { Resource } from '../types/mesos.ts';
import { diskKey, isIndivisible } from './disk.ts';
import { reservationsKey } from './reservations.ts';

/** What an amount is an amount of. Made once per message, then shared by everything derived from it. */
export interface Descriptor {
  /** Equal exactly when two amounts are of the same thing. */
  readonly key: string;
  /** The key without the allocation. */
  readonly unallocatedKey: string;
  /** The message without its value, in the `post` format. */
  readonly template: Resource;
  readonly isIndivisible: boolean;
  readonly isShared: boolean;
}

/** Takes what it needs of a message; its value is left out. */
export function describe(message: Resource): Descriptor {
  const template = templateOf(message, message.allocationInfo);
  const unallocatedKey = unallocatedKeyOf(template);
  return {
    key: allocatedKey(unallocatedKey, template.allocationInfo),
    unallocatedKey,
    template,
    isIndivisible: isIndivisible(template),
    isShared: template.shared !== undefined,
  };
}

/** The same thing, allocated to another role or to nobody. Done for every offer, so nothing is compared anew. */
export function describeAllocation(
  of: Descriptor,
  allocationInfo: Resource.AllocationInfo | undefined,
): Descriptor {
  return {
    key: allocatedKey(of.unallocatedKey, allocationInfo),
    unallocatedKey: of.unallocatedKey,
    template: templateOf(of.template, allocationInfo),
    isIndivisible: of.isIndivisible,
    isShared: of.isShared,
  };
}

/** A message of the described thing, its value still to be filled in. */
export function messageFrom({ template }: Descriptor): Writable<Resource> {
  return templateOf(template, template.allocationInfo);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

// Field by field: objects made by rest and spread become slow to copy, and these are copied all the time.
function templateOf(
  message: Resource,
  allocationInfo: Resource.AllocationInfo | undefined,
): Writable<Resource> {
  const { name, type, reservations, disk, revocable, shared, providerId, $unknown } = message;
  const template: Writable<Resource> = { name, type };
  if (reservations !== undefined && reservations.length > 0) template.reservations = reservations;
  if (disk !== undefined) template.disk = disk;
  if (revocable !== undefined) template.revocable = revocable;
  if (shared !== undefined) template.shared = shared;
  if (allocationInfo !== undefined) template.allocationInfo = allocationInfo;
  if (providerId !== undefined) template.providerId = providerId;
  if ($unknown !== undefined) template.$unknown = $unknown;
  return template;
}

// The three forms begin differently, so no name or role can make one look like another.
function allocatedKey(
  unallocatedKey: string,
  allocationInfo: Resource.AllocationInfo | undefined,
): string {
  if (allocationInfo === undefined) return unallocatedKey;
  return `(${JSON.stringify(allocationInfo.role ?? null)})${unallocatedKey}`;
}

function unallocatedKeyOf({
  name,
  type,
  reservations,
  disk,
  revocable,
  shared,
  providerId,
}: Resource): string {
  if (!reservations && !disk && !revocable && !shared && !providerId) return `${type}:${name}`;
  return JSON.stringify([
    type,
    name,
    reservations === undefined ? 0 : reservationsKey(reservations),
    disk === undefined ? 0 : diskKey(disk),
    revocable !== undefined,
    shared !== undefined,
    providerId?.value ?? null,
  ]);
}
