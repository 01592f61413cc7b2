import { Quantities } from '../quantities.ts';
import type { State } from '../state.ts';

/** What must be held back in a run so that guarantees can still be met after it. */
export class Headroom {
  readonly #available = new Quantities();
  readonly #required = new Quantities();
  isRequired: boolean;

  constructor(state: State) {
    this.#required.copyFrom(state.roles.requiredHeadroom);
    this.isRequired = !this.#required.isEmpty();
    if (this.isRequired) measureAvailable(state, this.#available);
  }

  /** What can be given beyond guarantees. */
  surplus(name: number): number {
    return Math.max(0, this.#available.get(name) - this.#required.get(name));
  }

  /** A guarantee was met by so much. */
  satisfy(amounts: Quantities): void {
    this.#required.subtractToZero(amounts);
    this.isRequired = !this.#required.isEmpty();
  }

  take(amounts: Quantities): void {
    if (this.isRequired) this.#available.subtractToZero(amounts);
  }
}

/** Unreserved resources that nobody holds and that cannot be revoked, on all agents there are. */
function measureAvailable(
  { totals, roleSorter, roles, agents, names }: State,
  available: Quantities,
): void {
  available.copyFrom(totals.amounts);
  available.subtractToZero(roleSorter.totalAllocation());
  const idleReservations = new Quantities();
  idleReservations.copyFrom(roles.root.reservations);
  idleReservations.subtractToZero(roles.root.offeredReserved);
  available.subtractToZero(idleReservations);
  const revocable = new Quantities();
  for (const agent of agents.values()) {
    for (const item of agent.available.items) {
      if (item.type === 'SCALAR' && item.of.template.revocable !== undefined) {
        revocable.addAt(names.indexOf(item.of.template.name), item.value);
      }
    }
  }
  available.subtractToZero(revocable);
}
