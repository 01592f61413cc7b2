import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Value } from '../types/mesos.ts';
import type { Item } from './item.ts';
import { rangesSize } from './value-ranges.ts';
import { formatThousandths, fromThousandths, toThousandths } from './value-scalar.ts';
import { parseValue } from './values.ts';

/** Amounts by name, in thousandths, without zeros. Immutable. */
export class ResourceQuantities implements Iterable<[name: string, thousandths: number]> {
  static readonly empty = new ResourceQuantities(new Map());

  private readonly amounts: ReadonlyMap<string, number>;

  private constructor(amounts: ReadonlyMap<string, number>) {
    this.amounts = amounts;
  }

  static fromThousandths(amounts: Iterable<readonly [string, number]>): ResourceQuantities {
    const positive = new Map<string, number>();
    for (const [name, amount] of amounts)
      if (amount > 0) positive.set(name, (positive.get(name) ?? 0) + amount);
    return positive.size === 0 ? ResourceQuantities.empty : new ResourceQuantities(positive);
  }

  /** From the scalars of a message, as in quota. */
  static fromScalars(
    scalars: Readonly<Record<string, Value.Scalar>> | undefined,
  ): ResourceQuantities {
    return ResourceQuantities.fromThousandths(
      Object.entries(scalars ?? {}).map(([name, { value }]) => [name, toThousandths(value)]),
    );
  }

  /** Scalars by their sums, ranges and sets by how many elements they have. */
  static of(items: Iterable<Item>): ResourceQuantities {
    const amounts = new Map<string, number>();
    for (const item of items) {
      const { name } = item.of.template;
      amounts.set(name, (amounts.get(name) ?? 0) + sizeOf(item));
    }
    return ResourceQuantities.fromThousandths(amounts);
  }

  /** `cpus:1;mem:2`; equal names are summed. */
  static parse(text: string): Result<ResourceQuantities> {
    const pairs = parseAmounts(text, 'quantity');
    return pairs.ok ? ok(ResourceQuantities.fromThousandths(pairs.value)) : pairs;
  }

  get isEmpty(): boolean {
    return this.amounts.size === 0;
  }

  /** In thousandths; 0 when absent. */
  get(name: string): number {
    return this.amounts.get(name) ?? 0;
  }

  [Symbol.iterator](): IterableIterator<[string, number]> {
    return this.amounts.entries();
  }

  names(): string[] {
    return [...this.amounts.keys()];
  }

  add(other: ResourceQuantities): ResourceQuantities {
    return ResourceQuantities.fromThousandths([...this, ...other]);
  }

  /** Never below zero. */
  subtract(other: ResourceQuantities): ResourceQuantities {
    return ResourceQuantities.fromThousandths(
      [...this].map(([name, amount]) => [name, amount - other.get(name)]),
    );
  }

  contains(other: ResourceQuantities): boolean {
    for (const [name, amount] of other) if (amount > this.get(name)) return false;
    return true;
  }

  equals(other: ResourceQuantities): boolean {
    return this.amounts.size === other.amounts.size && this.contains(other) && other.contains(this);
  }

  toScalars(): Record<string, Value.Scalar> {
    return Object.fromEntries(
      [...this].map(([name, amount]) => [name, { value: fromThousandths(amount) }]),
    );
  }

  toString(): string {
    return formatAmounts(this);
  }
}

/** In thousandths, so that all sorts of resources compare with quota alike. */
export function sizeOf(item: Item): number {
  switch (item.type) {
    case 'SCALAR':
      return item.value;
    case 'RANGES':
      return rangesSize(item.value) * 1000;
    case 'SET':
      return item.value.length * 1000;
  }
}

export function parseAmounts(text: string, what: 'quantity' | 'limit'): Result<[string, number][]> {
  const amounts: [string, number][] = [];
  for (const token of text.split(';').filter((part) => part !== '')) {
    const pair = token.split(':').filter((part) => part !== '');
    const [name, valueText] = pair;
    if (name === undefined || valueText === undefined || pair.length !== 2) {
      return err(`Failed to parse '${token}': missing or extra ':'`);
    }
    const value = parseValue(valueText);
    if (!value.ok) return err(`Failed to parse '${valueText}' to ${what}: ${value.error}`);
    if (value.value.scalar === undefined) {
      return err(`Failed to parse '${valueText}' to ${what}: only scalar values are allowed`);
    }
    amounts.push([name.trim(), toThousandths(value.value.scalar.value)]);
  }
  return ok(amounts);
}

export function formatAmounts(amounts: Iterable<readonly [string, number]>): string {
  const texts = [...amounts].map(([name, amount]) => `${name}:${formatThousandths(amount)}`);
  return texts.length === 0 ? '{}' : texts.sort().join('; ');
}
