import { Resources } from '@mesita/sdk/resources';
import { KnownResources } from './known-resources.ts';
import { Quantities, ResourceNames } from './quantities.ts';
import { Portions } from './run/portions.ts';

/** Sums over all agents. Whoever derives something from the scalars compares versions. */
export class ClusterTotals {
  readonly names: ResourceNames;
  readonly known: KnownResources;
  readonly amounts = new Quantities();
  version = 0;
  /** Revocable scalars that nobody holds. */
  readonly revocable = new Quantities();
  /** Of an agent that has nothing to give. */
  readonly nothing: Portions;

  constructor(names = new ResourceNames()) {
    this.names = names;
    this.known = new KnownResources(names);
    this.nothing = new Portions(Resources.empty, names);
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
