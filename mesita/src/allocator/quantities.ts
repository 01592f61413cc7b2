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

/** Names from this one on share a bit: a mask may say "perhaps" but never wrongly "no". */
export const SHARED_BIT = 30;

export function bitOf(name: number): number {
  return 1 << (name < SHARED_BIT ? name : SHARED_BIT);
}

/** An amount in thousandths for each resource name; a name without an amount has 0. */
export class Quantities {
  values = new Float64Array(4);

  get(name: number): number {
    return name < this.values.length ? (this.values[name] as number) : 0;
  }

  addAt(name: number, amount: number): void {
    if (name >= this.values.length) this.#grow(name + 1);
    this.values[name] = (this.values[name] as number) + amount;
  }

  setAt(name: number, amount: number): void {
    if (name >= this.values.length) this.#grow(name + 1);
    this.values[name] = amount;
  }

  add(other: Quantities): void {
    const { length } = other.values;
    if (length > this.values.length) this.#grow(length);
    const { values } = this;
    for (let i = 0; i < length; i++)
      values[i] = (values[i] as number) + (other.values[i] as number);
  }

  subtract(other: Quantities): void {
    const { length } = other.values;
    if (length > this.values.length) this.#grow(length);
    const { values } = this;
    for (let i = 0; i < length; i++)
      values[i] = (values[i] as number) - (other.values[i] as number);
  }

  /** What is left, nowhere less than nothing. */
  subtractToZero(other: Quantities): void {
    const { length } = other.values;
    if (length > this.values.length) this.#grow(length);
    const { values } = this;
    for (let i = 0; i < values.length; i++)
      values[i] = Math.max(0, (values[i] as number) - other.get(i));
  }

  copyFrom(other: Quantities): void {
    if (other.values.length > this.values.length) this.#grow(other.values.length);
    this.values.fill(0);
    this.values.set(other.values);
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

  isEmpty(): boolean {
    const { values } = this;
    for (let i = 0; i < values.length; i++) if ((values[i] as number) > 0) return false;
    return true;
  }

  equals(other: Quantities): boolean {
    const length = Math.max(this.values.length, other.values.length);
    for (let i = 0; i < length; i++) if (this.get(i) !== other.get(i)) return false;
    return true;
  }

  /** Calls for each name with more than nothing. */
  forEach(visit: (name: number, amount: number) => void): void {
    const { values } = this;
    for (let i = 0; i < values.length; i++)
      if ((values[i] as number) > 0) visit(i, values[i] as number);
  }

  #grow(length: number): void {
    const values = new Float64Array(Math.max(length, this.values.length * 2));
    values.set(this.values);
    this.values = values;
  }
}
