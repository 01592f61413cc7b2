import { Quantities } from '../quantities.ts';
import type { State } from '../state.ts';

/** What must be held back in a run so that guarantees can still be met after it. */
export class Headroom {
  readonly #available = new Quantities();
  readonly #required = new Quantities();
  #mask: number | undefined;
  isRequired: boolean;

  constructor({ roles, roleSorter, totals }: State) {
    this.#required.copyFrom(roles.requiredHeadroom);
    this.isRequired = !this.#required.isEmpty();
    if (!this.isRequired) return;
    // Unreserved resources that nobody holds and that cannot be revoked, on all agents there are.
    const available = this.#available;
    available.copyFrom(totals.amounts);
    available.subtractToZero(roleSorter.totalAllocation());
    const idleReservations = new Quantities();
    idleReservations.copyFrom(roles.root.reservations);
    idleReservations.subtractToZero(roles.root.offeredReserved);
    available.subtractToZero(idleReservations);
    available.subtractToZero(totals.revocable);
  }

  /** What can be given beyond guarantees. */
  surplus(name: number): number {
    return Math.max(0, this.#available.get(name) - this.#required.get(name));
  }

  /** A bit for each name of which something can be given. */
  get openMask(): number {
    if (!this.isRequired) return -1;
    if (this.#mask === undefined) {
      const surplus = new Quantities();
      surplus.copyFrom(this.#available);
      surplus.subtractToZero(this.#required);
      this.#mask = surplus.mask();
    }
    return this.#mask;
  }

  /** Whether something could be given now that could not when the other one was left. */
  allowsMoreThan(other: Headroom): boolean {
    if (!other.isRequired) return false;
    if (!this.isRequired) return true;
    const { length } = this.#available.values;
    for (let name = 0; name < length; name++)
      if (this.surplus(name) > other.surplus(name)) return true;
    return false;
  }

  /** A guarantee was met by so much. */
  satisfy(amounts: Quantities): void {
    this.#required.subtractToZero(amounts);
    this.isRequired = !this.#required.isEmpty();
    this.#mask = undefined;
  }

  take(amounts: Quantities): void {
    if (!this.isRequired) return;
    this.#available.subtractToZero(amounts);
    this.#mask = undefined;
  }
}
