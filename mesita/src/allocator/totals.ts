import { Quantities, ResourceNames } from './quantities.ts';

/** Sums over all agents. Whoever derives something from the scalars compares versions. */
export class ClusterTotals {
  readonly names: ResourceNames;
  readonly amounts = new Quantities();
  version = 0;
  /** Revocable scalars that nobody holds. */
  readonly revocable = new Quantities();

  constructor(names = new ResourceNames()) {
    this.names = names;
  }

  add(amounts: Quantities): void {
    this.amounts.add(amounts);
    this.version++;
  }

  subtract(amounts: Quantities): void {
    this.amounts.subtract(amounts);
    this.version++;
  }
}
