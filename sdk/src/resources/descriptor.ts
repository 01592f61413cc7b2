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
  const of = plainDescriptor(message) ?? make(message);
  return message.allocationInfo === undefined ? of : describeAllocation(of, message.allocationInfo);
}

function make(message: Resource): Descriptor {
  const template = templateOf(message, undefined);
  const unallocatedKey = unallocatedKeyOf(template);
  return {
    key: unallocatedKey,
    unallocatedKey,
    template,
    isIndivisible: isIndivisible(template),
    isShared: template.shared !== undefined,
  };
}

/** The kinds of what nearly all agents have, by name: described once, whoever has it. */
interface Plain {
  SCALAR?: Descriptor;
  RANGES?: Descriptor;
  SET?: Descriptor;
  revocable?: Descriptor;
}
const plain = new Map<string, Plain>();

// Names come from agents and frameworks, so their number is not ours to choose.
const MAX_NAMES = 1000;
const MAX_ROLES = 10_000;

function plainDescriptor(message: Resource): Descriptor | undefined {
  const { name, type, reservations, disk, revocable, shared, providerId, $unknown } = message;
  if (disk || shared || providerId || $unknown) return undefined;
  if (type === 'TEXT' || (reservations !== undefined && reservations.length > 0)) return undefined;
  if (revocable !== undefined && (type !== 'SCALAR' || revocable.$unknown !== undefined))
    return undefined;
  let kinds = plain.get(name);
  if (kinds === undefined) {
    if (plain.size >= MAX_NAMES) plain.clear();
    kinds = {};
    plain.set(name, kinds);
  }
  const kind = revocable === undefined ? type : 'revocable';
  kinds[kind] ??= make(message);
  return kinds[kind];
}

/** By role, what describes the same thing allocated; and the other way round. */
const allocated = new WeakMap<Descriptor, Map<string, Descriptor>>();
const unallocated = new WeakMap<Descriptor, Descriptor>();

/** The same thing, allocated to another role or to nobody. Done for every offer, so it is said once. */
export function describeAllocation(
  of: Descriptor,
  allocationInfo: Resource.AllocationInfo | undefined,
): Descriptor {
  const { template } = of;
  const free =
    template.allocationInfo === undefined
      ? of
      : remember(unallocated, of, () => allocate(of, undefined));
  if (allocationInfo === undefined) return free;
  const { role, $unknown } = allocationInfo;
  if (role === undefined || $unknown !== undefined) return allocate(free, allocationInfo);
  let byRole = allocated.get(free);
  if (byRole === undefined || byRole.size >= MAX_ROLES) {
    byRole = new Map();
    allocated.set(free, byRole);
  }
  let found = byRole.get(role);
  if (found === undefined) {
    found = allocate(free, { role });
    byRole.set(role, found);
    unallocated.set(found, free);
  }
  return found;
}

function remember<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

function allocate(of: Descriptor, allocationInfo: Resource.AllocationInfo | undefined): Descriptor {
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
