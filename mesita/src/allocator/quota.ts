import type { Quota } from '@mesita/sdk/module';
import type { ResourceNames } from './quantities.ts';
import { bitOf, MOST, Quantities, SHARED_BIT } from './quantities.ts';

/** A role's quota in arrays. */
export class RoleQuota {
  readonly source: Quota | undefined;
  readonly guarantees = new Quantities();
  readonly hasGuarantees: boolean;
  readonly hasLimits: boolean;
  readonly #limits: number[] = [];
  readonly isDefault: boolean;

  constructor(source?: Quota, names?: ResourceNames) {
    this.source = source;
    for (const [name, amount] of source?.guarantees ?? [])
      this.guarantees.setAt(names?.indexOf(name) ?? 0, Math.min(MOST, amount));
    for (const [name, amount] of source?.limits ?? [])
      this.#limits[names?.indexOf(name) ?? 0] = amount;
    this.hasGuarantees = !this.guarantees.isEmpty();
    this.hasLimits = this.#limits.length > 0;
    this.isDefault = !this.hasGuarantees && !this.hasLimits;
  }

  /** Infinity where there is no limit. */
  limitOf(name: number): number {
    return this.#limits[name] ?? Number.POSITIVE_INFINITY;
  }

  /** A bit for each name that may still grow; unlimited names have theirs. */
  openNames(consumed: (name: number) => number): number {
    let open = -1;
    for (let name = 0; name < this.#limits.length; name++) {
      const limit = this.#limits[name];
      // A bit that names share stays.
      if (limit !== undefined && consumed(name) >= limit && name < SHARED_BIT) open &= ~bitOf(name);
    }
    return open;
  }
}

export const NO_QUOTA = new RoleQuota();
