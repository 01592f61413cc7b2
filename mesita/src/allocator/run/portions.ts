import type { Item } from '@mesita/sdk/resources';
import { isInRoleSubtree, Resources } from '@mesita/sdk/resources';
import { REFINED, REVOCABLE, SHARED } from '../capabilities.ts';
import type { Minimums } from '../minimum.ts';
import { meetsMinimum } from '../minimum.ts';
import type { ResourceNames } from '../quantities.ts';
import type { Sums } from '../sums.ts';
import { isFreeItem, isReservedItem, isRevocableItem, sumsOf } from '../sums.ts';

const EVERYTHING = SHARED | REVOCABLE | REFINED;

/** What a role, seen by a framework of some capabilities, may have of an agent. */
export class Portion {
  /** Bound objects before free ones where that makes a difference to minimums. */
  readonly whole: Resources;
  readonly isEmpty: boolean;
  readonly hasBound: boolean;
  /** A bit for each name that is free. */
  readonly freeMask: number;
  /** Whether no two free objects compete for one name and each can be split. */
  readonly isSimple: boolean;
  readonly sums: Sums;
  #free: Resources | undefined;
  #bound: Resources | undefined;
  #minimums: Minimums | undefined;
  #meets = false;
  #role: string | undefined;
  #allocated = Resources.empty;

  constructor(resources: Resources, names: ResourceNames) {
    const { items } = resources;
    let hasBound = false;
    let isSimple = true;
    let isDistinct = true;
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as Item;
      const isFree = isFreeItem(item);
      if (!isFree) hasBound = true;
      else if (item.of.isIndivisible) isSimple = false;
      for (let j = 0; j < i; j++) {
        const other = items[j] as Item;
        if (other.of.template.name !== item.of.template.name) continue;
        isDistinct = false;
        if (isFree && isFreeItem(other)) isSimple = false;
      }
    }
    this.isEmpty = resources.isEmpty;
    this.hasBound = hasBound;
    this.isSimple = isSimple;
    this.whole = isDistinct || !hasBound ? resources : boundFirst(items);
    this.sums = sumsOf(resources, names);
    this.freeMask = this.sums.free.mask();
  }

  /** Unreserved scalars that are not revocable: what quota governs. */
  get free(): Resources {
    this.#free ??= this.hasBound
      ? Resources.ofItems(this.whole.items.filter(isFreeItem))
      : this.whole;
    return this.#free;
  }

  /** Not limited by quota: reserved, revocable, and whatever is not a scalar. */
  get bound(): Resources {
    this.#bound ??= this.hasBound
      ? Resources.ofItems(this.whole.items.filter((item) => !isFreeItem(item)))
      : Resources.empty;
    return this.#bound;
  }

  /** Nearly everybody has the same minimums, so one answer is kept. */
  meets(minimums: Minimums): boolean {
    if (this.#minimums !== minimums) {
      this.#minimums = minimums;
      this.#meets = meetsMinimum(this.whole, minimums);
    }
    return this.#meets;
  }

  /** The whole, as it is offered to a role. */
  allocatedTo(role: string): Resources {
    if (this.#role !== role) {
      this.#role = role;
      this.#allocated = this.whole.allocate(role);
    }
    return this.#allocated;
  }
}

function boundFirst(items: readonly Item[]): Resources {
  return Resources.ofItems([
    ...items.filter((item) => !isFreeItem(item)),
    ...items.filter(isFreeItem),
  ]);
}

/** The portions of an agent's available resources: made when first asked for, kept until they change. */
export class Portions {
  readonly available: Resources;
  readonly #names: ResourceNames;
  /** What only frameworks of some capabilities can handle. */
  readonly #special: number;
  readonly #reservedTo: ReadonlySet<string>;
  readonly #hasReserved: boolean;
  // By role (those without reservations here share the empty one), then by what is left out.
  #byRole: Map<string, Portion[]> | undefined;
  readonly #plain: Portion[] = [];
  /** Whether all may have all of it. */
  readonly #isPlain: boolean;
  #whole: Portion | undefined;
  // Asked several times in a row.
  #lastRole: string | undefined;
  #lastLeftOut = 0;
  #last: Portion | undefined;
  readonly isEmpty: boolean;

  constructor(available: Resources, names: ResourceNames) {
    this.available = available;
    this.#names = names;
    let special = 0;
    let reservedTo: Set<string> | undefined;
    for (const { of } of available.items) {
      const { reservations } = of.template;
      if (of.isShared) special |= SHARED;
      if (of.template.revocable !== undefined) special |= REVOCABLE;
      if (reservations === undefined || reservations.length === 0) continue;
      if (reservations.length > 1) special |= REFINED;
      reservedTo ??= new Set();
      reservedTo.add(reservations[reservations.length - 1]?.role ?? '');
    }
    this.#special = special;
    this.#reservedTo = reservedTo ?? NOBODY;
    this.#hasReserved = reservedTo !== undefined;
    this.#isPlain = special === 0 && !this.#hasReserved;
    this.isEmpty = available.isEmpty;
  }

  /**
   * A bit for each name, where everything is an unreserved scalar that cannot be revoked: nobody
   * needs to be asked who may take none of these names. Undefined where there is anything else.
   */
  get freeMask(): number | undefined {
    if (!this.#isPlain) return undefined;
    const everything = this.#everything();
    return everything.hasBound ? undefined : everything.freeMask;
  }

  get hasRevocable(): boolean {
    return (this.#special & REVOCABLE) !== 0;
  }

  /** Everything that may go to the role, whoever asks. */
  of(role: string): Portion {
    return this.for(role, EVERYTHING);
  }

  /** The part of it that a framework of these capabilities can handle. */
  for(role: string, capabilities: number): Portion {
    if (this.#isPlain) return this.#everything();
    const leftOut = this.#special & ~capabilities;
    if (this.#last !== undefined && role === this.#lastRole && leftOut === this.#lastLeftOut)
      return this.#last;
    const variants = this.#variants(role);
    let portion = variants[leftOut];
    if (portion === undefined) {
      portion = new Portion(this.#part(role, leftOut), this.#names);
      variants[leftOut] = portion;
    }
    this.#lastRole = role;
    this.#lastLeftOut = leftOut;
    this.#last = portion;
    return portion;
  }

  #everything(): Portion {
    this.#whole ??= new Portion(this.available, this.#names);
    return this.#whole;
  }

  #part(role: string, leftOut: number): Resources {
    if (leftOut === 0 && !this.#hasReserved) return this.available;
    const { items } = this.available;
    return Resources.ofItems(
      items.filter((item) => mayGoTo(item, role) && !isLeftOut(item, leftOut)),
    );
  }

  #variants(role: string): Portion[] {
    if (!this.#hasReserved) return this.#plain;
    this.#byRole ??= new Map();
    let variants = this.#byRole.get(role);
    if (variants === undefined) {
      let hasReservations = false;
      for (const reserved of this.#reservedTo) hasReservations ||= isInRoleSubtree(role, reserved);
      variants = hasReservations ? [] : this.#plain;
      this.#byRole.set(role, variants);
    }
    return variants;
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function mayGoTo({ of: { template } }: Item, role: string): boolean {
  const { reservations } = template;
  if (reservations === undefined || reservations.length === 0) return true;
  return isInRoleSubtree(role, reservations[reservations.length - 1]?.role ?? '');
}

function isLeftOut({ of }: Item, leftOut: number): boolean {
  if (leftOut === 0) return false;
  if (leftOut & SHARED && of.isShared) return true;
  if (leftOut & REVOCABLE && of.template.revocable !== undefined) return true;
  return (leftOut & REFINED) !== 0 && (of.template.reservations?.length ?? 0) > 1;
}

/** Of a bound portion, what goes along with a guarantee: the role's very own, revocable, not scalar. */
export function boundToExactly(bound: Resources, role: string): Resources {
  const items = bound.items.filter((item) => {
    if (item.type !== 'SCALAR' || isRevocableItem(item)) return true;
    const { reservations = [] } = item.of.template;
    return isReservedItem(item) && reservations[reservations.length - 1]?.role === role;
  });
  return items.length === bound.items.length ? bound : Resources.ofItems(items);
}
