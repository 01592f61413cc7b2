import type { Item, Resources } from '@mesita/sdk/resources';
import type { ResourceNames } from './quantities.ts';
import { MOST } from './quantities.ts';
import { Portions } from './run/portions.ts';
import type { Sums } from './sums.ts';
import { sumsOf } from './sums.ts';

/** Resources, and what follows from them: worked out when first asked for, whoever asks. */
export class Known {
  readonly resources: Resources;
  readonly hasShared: boolean;
  readonly #table: KnownResources;
  #hasGpus: boolean | undefined;
  #isMeasurable: boolean | undefined;
  #sums: Sums | undefined;
  #portions: Portions | undefined;
  #less: Map<Resources, Known> | undefined;

  constructor(resources: Resources, table: KnownResources) {
    this.resources = resources;
    this.hasShared = resources.items.some(({ of }) => of.isShared);
    this.#table = table;
  }

  get hasGpus(): boolean {
    this.#hasGpus ??= this.resources.thousandths('gpus') > 0;
    return this.#hasGpus;
  }

  /** Whether sums with it are exact. */
  get isMeasurable(): boolean {
    this.#isMeasurable ??= this.sums.all.values.every((amount) => amount >= 0 && amount <= MOST);
    return this.#isMeasurable;
  }

  get sums(): Sums {
    this.#sums ??= sumsOf(this.resources, this.#table.names);
    return this.#sums;
  }

  get portions(): Portions {
    this.#portions ??= new Portions(this.resources, this.#table.names);
    return this.#portions;
  }

  /** What is left when a framework holds some. */
  less(held: Resources): Known {
    let rest = this.#less?.get(held);
    if (rest === undefined) {
      if (this.#less === undefined || this.#less.size >= MAX_REMAINDERS) this.#less = new Map();
      rest = this.#table.find(this.resources.subtract(held.unallocate()));
      this.#less.set(held, rest);
    }
    return rest;
  }
}

const MAX_REMAINDERS = 64;
const MAX_KNOWN = 10_000;

/** Makes equal resources of different agents one, so that equal agents are decided alike. */
export class KnownResources {
  readonly names: ResourceNames;
  #buckets = new Map<number, Known[]>();
  #last: Resources | undefined;
  #lastKnown: Known | undefined;
  #size = 0;

  constructor(names: ResourceNames) {
    this.names = names;
  }

  find(resources: Resources): Known {
    // The same ones are asked for several times in a row.
    if (this.#lastKnown !== undefined && resources === this.#last) return this.#lastKnown;
    this.#last = resources;
    this.#lastKnown = this.#find(resources);
    return this.#lastKnown;
  }

  #find(resources: Resources): Known {
    const hash = hashOf(resources.items);
    if (hash === undefined) return new Known(resources, this);
    let bucket = this.#buckets.get(hash);
    if (bucket !== undefined) {
      for (const known of bucket) if (isSame(known.resources, resources)) return known;
    }
    const known = new Known(resources, this);
    if (this.#size >= MAX_KNOWN) {
      this.#buckets = new Map();
      this.#size = 0;
      bucket = undefined;
    }
    if (bucket === undefined) this.#buckets.set(hash, [known]);
    else bucket.push(known);
    this.#size++;
    return known;
  }
}

/** Undefined for what hardly two agents have: reservations and volumes are different nearly everywhere. */
function hashOf(items: readonly Item[]): number | undefined {
  let hash = items.length;
  for (const item of items) {
    const { name, reservations, disk, shared, providerId } = item.of.template;
    if (reservations ?? disk ?? shared ?? providerId) return undefined;
    hash = (Math.imul(hash, 31) + name.charCodeAt(0)) | 0;
    if (item.type === 'SCALAR') hash = mixed(hash, item.value);
    else if (item.type === 'RANGES') {
      const bounds = item.value;
      for (let i = 0; i < bounds.length; i++) hash = mixed(hash, bounds[i] as number);
    } else hash = mixed(hash, item.value.length);
  }
  return hash;
}

function mixed(hash: number, value: number): number {
  return (Math.imul(hash, 31) + (value | 0)) | 0;
}

/** Also in the order of objects: texts show it. */
function isSame(a: Resources, b: Resources): boolean {
  if (a === b) return true;
  if (a.items.length !== b.items.length) return false;
  for (let i = 0; i < a.items.length; i++) {
    if (!isSameItem(a.items[i] as Item, b.items[i] as Item)) return false;
  }
  return true;
}

function isSameItem(a: Item, b: Item): boolean {
  if (a.of !== b.of || a.copies !== b.copies) return false;
  if (a.type === 'SCALAR') return a.value === b.value;
  const mine = a.value;
  const other = b.value as typeof mine;
  if (mine.length !== other.length) return false;
  for (let i = 0; i < mine.length; i++) if (mine[i] !== other[i]) return false;
  return true;
}
