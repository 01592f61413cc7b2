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
  readonly #excluded: ReadonlySet<number>;
  #scale: readonly number[] = [];
  #scaleVersion = -1;

  /** `excluded`: names that do not count towards shares. */
  constructor(excluded: Iterable<string> = []) {
    this.names = new ResourceNames();
    this.#excluded = new Set([...excluded].map((name) => this.names.indexOf(name)));
    this.known = new KnownResources(this.names);
    this.nothing = new Portions(Resources.empty, this.names);
  }

  /** What shares are measured by: the totals, 0 where a name does not count. One for all sorters. */
  get scale(): readonly number[] {
    if (this.#scaleVersion !== this.version) {
      this.#scaleVersion = this.version;
      this.#scale = this.amounts.values.map((total, name) =>
        this.#excluded.has(name) ? 0 : total,
      );
    }
    return this.#scale;
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
