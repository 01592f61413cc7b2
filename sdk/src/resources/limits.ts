import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Value } from '../types/mesos.ts';
import { formatAmounts, parseAmounts, type ResourceQuantities } from './quantities.ts';
import { fromThousandths, toThousandths } from './value-scalar.ts';

/** Upper bounds by name, in thousandths. An absent name is unlimited, a zero allows nothing. Immutable. */
export class ResourceLimits implements Iterable<[name: string, thousandths: number]> {
  static readonly unlimited = new ResourceLimits(new Map());

  private readonly bounds: ReadonlyMap<string, number>;

  private constructor(bounds: ReadonlyMap<string, number>) {
    this.bounds = bounds;
  }

  static fromThousandths(bounds: Iterable<readonly [string, number]>): ResourceLimits {
    return new ResourceLimits(new Map(bounds));
  }

  static fromScalars(scalars: Readonly<Record<string, Value.Scalar>> | undefined): ResourceLimits {
    return ResourceLimits.fromThousandths(
      Object.entries(scalars ?? {}).map(([name, { value }]) => [name, toThousandths(value)]),
    );
  }

  /** `cpus:1;mem:2`; a name may come only once. */
  static parse(text: string): Result<ResourceLimits> {
    const pairs = parseAmounts(text, 'limit');
    if (!pairs.ok) return pairs;
    const bounds = new Map(pairs.value);
    if (bounds.size < pairs.value.length) {
      const seen = new Set<string>();
      const twice = pairs.value.find(([name]) => seen.size === seen.add(name).size);
      return err(`Failed to parse '${text}': duplicate resource name '${twice?.[0]}'`);
    }
    return ok(ResourceLimits.fromThousandths(bounds));
  }

  get isUnlimited(): boolean {
    return this.bounds.size === 0;
  }

  /** In thousandths; undefined when unlimited. */
  get(name: string): number | undefined {
    return this.bounds.get(name);
  }

  [Symbol.iterator](): IterableIterator<[string, number]> {
    return this.bounds.entries();
  }

  /** Whether the quantities stay within the limits. */
  allows(quantities: ResourceQuantities): boolean {
    for (const [name, bound] of this) if (quantities.get(name) > bound) return false;
    return true;
  }

  /** Whether everything the other limits allow is allowed here. */
  contains(other: ResourceLimits): boolean {
    for (const [name, bound] of this) {
      const theirs = other.get(name);
      if (theirs === undefined || theirs > bound) return false;
    }
    return true;
  }

  /** What is left of the limits; never below zero. */
  subtract(quantities: ResourceQuantities): ResourceLimits {
    return ResourceLimits.fromThousandths(
      [...this].map(([name, bound]) => [name, Math.max(0, bound - quantities.get(name))]),
    );
  }

  equals(other: ResourceLimits): boolean {
    return this.contains(other) && other.contains(this);
  }

  toScalars(): Record<string, Value.Scalar> {
    return Object.fromEntries(
      [...this].map(([name, bound]) => [name, { value: fromThousandths(bound) }]),
    );
  }

  toString(): string {
    return formatAmounts(this);
  }
}
