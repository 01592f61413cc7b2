import { isInRoleSubtree, Resources } from '@mesita/sdk/resources';
import type { FrameworkCapabilities } from '../capabilities.ts';
import { isFreeItem, isReservedItem, isRevocableItem } from '../sums.ts';

/** What a role, seen by a framework of some capabilities, may have of an agent. */
export interface Portion {
  readonly all: Resources;
  /** Not limited by quota: reserved, revocable, and whatever is not a scalar. */
  readonly bound: Resources;
  /** Unreserved scalars that are not revocable. */
  readonly free: Resources;
}

const NOTHING: Portion = { all: Resources.empty, bound: Resources.empty, free: Resources.empty };

/** The portions of an agent's available resources; made when first asked for, kept until they change. */
export class Portions {
  static readonly none = new Portions(Resources.empty);

  readonly #available: Resources;

  constructor(available: Resources) {
    this.#available = available;
  }

  /** Everything that may go to the role, whoever asks. */
  of(role: string): Resources {
    return this.#available.allocatableTo(role);
  }

  for(role: string, capabilities: FrameworkCapabilities): Portion {
    const items = this.of(role).items.filter(({ of: { template, isShared } }) => {
      if (isShared && !capabilities.sharedResources) return false;
      if (template.revocable !== undefined && !capabilities.revocableResources) return false;
      return (template.reservations?.length ?? 0) < 2 || capabilities.reservationRefinement;
    });
    if (items.length === 0) return NOTHING;
    return {
      all: Resources.ofItems(items),
      bound: Resources.ofItems(items.filter((item) => !isFreeItem(item))),
      free: Resources.ofItems(items.filter(isFreeItem)),
    };
  }
}

/** Of a bound portion, what goes along with a guarantee: the role's very own, revocable, not scalar. */
export function boundToExactly(bound: Resources, role: string): Resources {
  const items = bound.items.filter((item) => {
    if (item.type !== 'SCALAR' || isRevocableItem(item)) return true;
    const { reservations = [] } = item.of.template;
    return isReservedItem(item) && reservations[reservations.length - 1]?.role === role;
  });
  return Resources.ofItems(items);
}

export function mayGoTo(reservedRole: string, role: string): boolean {
  return isInRoleSubtree(role, reservedRole);
}
