/** Small integers for resource names, so that sums live in arrays. */
export class ResourceNames {
  readonly #indexes = new Map<string, number>();
  readonly #names: string[] = [];

  indexOf(name: string): number {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.#names.length;
      this.#indexes.set(name, index);
      this.#names.push(name);
    }
    return index;
  }

  nameOf(index: number): string {
    return this.#names[index] ?? '';
  }
}

/**
 * The most of one name that an agent may have and a quota may speak of, in thousandths: sums of a
 * thousand such amounts are still exact.
 */
export const MOST = 2 ** 43;

/** Names from this one on share a bit: a mask may say "perhaps" but never wrongly "no". */
export const SHARED_BIT = 30;

export function bitOf(name: number): number {
  return 1 << (name < SHARED_BIT ? name : SHARED_BIT);
}

/**
 * An amount in thousandths for each resource name; a name without an amount has 0. A plain array:
 * there are four names or so, and short typed arrays are far slower to make.
 */
export class Quantities {
  readonly values: number[] = [0, 0, 0, 0];

  get(name: number): number {
    return this.values[name] ?? 0;
  }

  addAt(name: number, amount: number): void {
    this.setAt(name, this.get(name) + amount);
  }

  setAt(name: number, amount: number): void {
    if (name >= this.values.length) this.#grow(name + 1);
    this.values[name] = amount;
  }

  add({ values: others }: Quantities): void {
    const { values } = this;
    if (others.length > values.length) this.#grow(others.length);
    for (let i = 0; i < others.length; i++)
      values[i] = (values[i] as number) + (others[i] as number);
  }

  subtract({ values: others }: Quantities): void {
    const { values } = this;
    if (others.length > values.length) this.#grow(others.length);
    for (let i = 0; i < others.length; i++)
      values[i] = (values[i] as number) - (others[i] as number);
  }

  /** What is left, nowhere less than nothing. */
  subtractToZero(other: Quantities): void {
    const { values } = this;
    for (let i = 0; i < values.length; i++)
      values[i] = Math.max(0, (values[i] as number) - other.get(i));
  }

  copyFrom({ values: others }: Quantities): void {
    if (others.length > this.values.length) this.#grow(others.length);
    for (let i = 0; i < this.values.length; i++) this.values[i] = others[i] ?? 0;
  }

  clear(): void {
    this.values.fill(0);
  }

  /** A bit for each name with more than nothing. */
  mask(): number {
    let mask = 0;
    const { values } = this;
    for (let i = 0; i < values.length; i++) if ((values[i] as number) > 0) mask |= bitOf(i);
    return mask;
  }

  /** Whether there is as much of every name, or more. */
  covers({ values: others }: Quantities): boolean {
    for (let i = 0; i < others.length; i++) if ((others[i] as number) > this.get(i)) return false;
    return true;
  }

  isEmpty(): boolean {
    const { values } = this;
    for (let i = 0; i < values.length; i++) if ((values[i] as number) > 0) return false;
    return true;
  }

  #grow(length: number): void {
    while (this.values.length < length) this.values.push(0);
  }
}
