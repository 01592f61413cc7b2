import { Quantities } from './quantities.ts';

/** Scalars of all agents together. Whoever derives something from them compares versions. */
export class ClusterTotals {
  readonly amounts = new Quantities();
  version = 0;

  add(amounts: Quantities): void {
    this.amounts.add(amounts);
    this.version++;
  }

  subtract(amounts: Quantities): void {
    this.amounts.subtract(amounts);
    this.version++;
  }
}
