import type { Resource } from '../types/mesos.ts';
import { diskKey, isIndivisible } from './disk.ts';
import { reservationsKey } from './reservations.ts';

/** What an amount is an amount of. Made once per message, then shared by everything derived from it. */
export class Descriptor {
  /** The message without its value, in the `post` format. */
  readonly template: Resource;
  readonly isIndivisible: boolean;
  readonly isShared: boolean;
  /** The same, allocated to nobody; undefined where this is so. */
  readonly #free: Descriptor | undefined;
  #key: string | undefined;
  #byRole: Map<string, Descriptor> | undefined;

  constructor(template: Resource, free?: Descriptor) {
    this.template = template;
    this.#free = free;
    this.isIndivisible = free?.isIndivisible ?? isIndivisible(template);
    this.isShared = template.shared !== undefined;
  }

  get free(): Descriptor {
    return this.#free ?? this;
  }

  /** Equal exactly when two amounts are of the same thing. A text, so not made unless asked for. */
  get key(): string {
    this.#key ??=
      this.#free === undefined
        ? unallocatedKeyOf(this.template)
        : allocatedKey(this.#free.key, this.template.allocationInfo);
    return this.#key;
  }

  /** The same thing, allocated to a role. Asked for with every offer, so it is kept. */
  allocatedTo(role: string): Descriptor {
    const free = this.free;
    if (free.#byRole === undefined || free.#byRole.size >= MAX_ROLES) free.#byRole = new Map();
    let found = free.#byRole.get(role);
    if (found === undefined) {
      found = allocate(free, { role });
      free.#byRole.set(role, found);
    }
    return found;
  }
}

/** Takes what it needs of a message; its value is left out. */
export function describe(message: Resource): Descriptor {
  const of = plainDescriptor(message) ?? make(message);
  return message.allocationInfo === undefined ? of : describeAllocation(of, message.allocationInfo);
}

function make(message: Resource): Descriptor {
  return new Descriptor(templateOf(message, undefined));
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

/** The same thing, allocated to another role or to nobody. */
export function describeAllocation(
  of: Descriptor,
  allocationInfo: Resource.AllocationInfo | undefined,
): Descriptor {
  if (allocationInfo === undefined) return of.free;
  const { role, $unknown } = allocationInfo;
  return role === undefined || $unknown !== undefined
    ? allocate(of.free, allocationInfo)
    : of.allocatedTo(role);
}

function allocate(free: Descriptor, allocationInfo: Resource.AllocationInfo): Descriptor {
  return new Descriptor(templateOf(free.template, allocationInfo), free);
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
