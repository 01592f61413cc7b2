import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Offer, Resource } from '../types/mesos.ts';
import type { MessageConversion } from './conversions.ts';
import { conversionsOf } from './conversions.ts';
import type { Descriptor } from './descriptor.ts';
import { describe, describeAllocation } from './descriptor.ts';
import { isPersistentVolume } from './disk.ts';
import { formatResource } from './format.ts';
import type { Item } from './item.ts';
import { isAddable, itemOf, messageOf, withCopies, withDescriptor } from './item.ts';
import { itemsContainAll, subtractItems, sumItems } from './item-list.ts';
import { parseResources, validateConfigured } from './parse.ts';
import { ResourceQuantities } from './quantities.ts';
import type { ReservationFormat } from './reservations.ts';
import {
  isDynamicallyReserved,
  isReserved,
  isUnreserved,
  reservationRole,
  toEndpointFormat,
  toPostRefinement,
  toPreRefinement,
} from './reservations.ts';
import {
  isAllocatableTo,
  isAllocatedToRoleSubtree,
  isReservedToRoleSubtree,
  isRevocable,
  validateResource,
} from './resource.ts';
import type { Ranges } from './value-ranges.ts';
import { addRanges } from './value-ranges.ts';
import { fromThousandths } from './value-scalar.ts';
import type { Items } from './value-set.ts';
import { addItems } from './value-set.ts';

export interface ResourceConversion {
  readonly consumed: Resources;
  readonly converted: Resources;
}

/** For an agent's total, which belongs to nobody. */
export function unallocateConversion(conversion: ResourceConversion): ResourceConversion {
  const { consumed, converted } = conversion;
  return { consumed: consumed.unallocate(), converted: converted.unallocate() };
}

/**
 * An amount of resources: immutable, of valid objects only, amounts of the same thing summed.
 * What is summed with what, and contained in what, are Mesos' rules; see the README.
 */
export class Resources implements Iterable<Resource> {
  static readonly empty = new Resources([]);

  readonly items: readonly Item[];

  private constructor(items: readonly Item[]) {
    this.items = items;
  }

  /** From objects of other `Resources`, none of which can be summed. */
  static ofItems(items: readonly Item[]): Resources {
    return items.length === 0 ? Resources.empty : new Resources(items);
  }

  /** `cpus:4;mem:1024;ports:[31000-32000];cpus(role):2`, or a JSON array. For flags: refuses what only a running agent has. */
  static parse(text: string, defaultRole = '*'): Result<Resources> {
    const messages = parseResources(text, defaultRole);
    if (!messages.ok) return messages;
    const error = validateConfigured(messages.value);
    if (error !== undefined) return err(error);
    const resources = Resources.fromMessages(messages.value);
    const mixed = resources.ok ? resources.value.nameOfMixedTypes() : undefined;
    if (mixed === undefined) return resources;
    return err(`Resources with the same name ('${mixed}') but different types are not allowed`);
  }

  private nameOfMixedTypes(): string | undefined {
    const types = new Map<string, string>();
    for (const { type, of } of this.items) {
      const { name } = of.template;
      if ((types.get(name) ?? type) !== type) return name;
      types.set(name, type);
    }
    return undefined;
  }

  /** From messages in any format; the error is the first invalid message's, without naming it. */
  static fromMessages(messages: Iterable<Resource>): Result<Resources> {
    const valid: Resource[] = [];
    for (const message of messages) {
      const error = validateResource(message);
      if (error !== undefined) return err(error);
      valid.push(message);
    }
    return ok(Resources.of(valid));
  }

  /** From messages in any format that are known to be valid. */
  static of(messages: Iterable<Resource>): Resources {
    const items: Item[] = [];
    for (const message of messages) items.push(itemOf(toPostRefinement(message)));
    return Resources.ofItems(sumItems([], items));
  }

  /** The first invalid message, as Mesos words it; undefined when all are resources. */
  static validate(messages: Iterable<Resource>): string | undefined {
    for (const message of messages) {
      const error = validateResource(message);
      if (error !== undefined) return `Resource '${formatResource(message)}' is invalid: ${error}`;
    }
    return undefined;
  }

  static sum(parts: Iterable<Resources>): Resources {
    const all: Item[] = [];
    for (const part of parts) for (const item of part.items) all.push(item);
    return Resources.ofItems(sumItems([], all));
  }

  get isEmpty(): boolean {
    return this.items.length === 0;
  }

  get length(): number {
    return this.items.length;
  }

  /** Each object once, however many copies of it there are. */
  *[Symbol.iterator](): IterableIterator<Resource> {
    for (const item of this.items) yield messageOf(item);
  }

  /** One message per copy. Refined reservations have no `pre` spelling and are left as they are. */
  toMessages(format: ReservationFormat = 'post'): Resource[] {
    const messages: Resource[] = [];
    for (const item of this.items) {
      const post = messageOf(item);
      const message =
        format === 'post'
          ? post
          : format === 'pre'
            ? (toPreRefinement(post) ?? post)
            : toEndpointFormat(post);
      for (let copy = 0; copy < item.copies; copy++) messages.push(message);
    }
    return messages;
  }

  add(other: Resources): Resources {
    if (other.isEmpty) return this;
    return this.isEmpty ? other : new Resources(sumItems(this.items, other.items));
  }

  /** Never below zero: what is not there is not taken. */
  subtract(other: Resources): Resources {
    if (other.isEmpty || this.isEmpty) return this;
    return Resources.ofItems(subtractItems(this.items, other.items));
  }

  contains(other: Resources): boolean {
    if (other.isEmpty) return true;
    return itemsContainAll(this.items, other.items);
  }

  containsQuantities(quantities: ResourceQuantities): boolean {
    return this.quantities().contains(quantities);
  }

  equals(other: Resources): boolean {
    return this === other || (this.contains(other) && other.contains(this));
  }

  filter(predicate: (resource: Resource) => boolean): Resources {
    return this.select((item) => predicate(messageOf(item)));
  }

  private select(predicate: (item: Item) => boolean): Resources {
    const items = this.items.filter(predicate);
    return items.length === this.items.length ? this : Resources.ofItems(items);
  }

  private where(predicate: (template: Resource) => boolean): Resources {
    return this.select((item) => predicate(item.of.template));
  }

  named(name: string): Resources {
    return this.where((resource) => resource.name === name);
  }

  scalars(): Resources {
    return this.select((item) => item.type === 'SCALAR');
  }

  /** Reserved at all, or with its innermost reservation to `role`. */
  reserved(role?: string): Resources {
    return this.where((resource) => isReserved(resource, role));
  }

  unreserved(): Resources {
    return this.where(isUnreserved);
  }

  dynamicallyReserved(role?: string): Resources {
    return this.where((resource) => isDynamicallyReserved(resource) && isReserved(resource, role));
  }

  reservedToRoleSubtree(role: string): Resources {
    return this.where((resource) => isReservedToRoleSubtree(resource, role));
  }

  allocatedToRoleSubtree(role: string): Resources {
    return this.where((resource) => isAllocatedToRoleSubtree(resource, role));
  }

  allocatableTo(role: string): Resources {
    return this.where((resource) => isAllocatableTo(resource, role));
  }

  revocable(): Resources {
    return this.where(isRevocable);
  }

  nonRevocable(): Resources {
    return this.where((resource) => !isRevocable(resource));
  }

  shared(): Resources {
    return this.select((item) => item.of.isShared);
  }

  nonShared(): Resources {
    return this.select((item) => !item.of.isShared);
  }

  persistentVolumes(): Resources {
    return this.where(isPersistentVolume);
  }

  /** Reserved resources by the role of their innermost reservation. */
  reservations(): Map<string, Resources> {
    return this.groupBy((resource) =>
      isReserved(resource) ? reservationRole(resource) : undefined,
    );
  }

  /** Allocated resources by the role they are allocated to; others are left out. */
  allocations(): Map<string, Resources> {
    return this.groupBy((resource) => resource.allocationInfo?.role);
  }

  private groupBy(keyOf: (template: Resource) => string | undefined): Map<string, Resources> {
    const groups = new Map<string, Item[]>();
    for (const item of this.items) {
      const key = keyOf(item.of.template);
      if (key === undefined) continue;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [item]);
      else group.push(item);
    }
    return new Map([...groups].map(([key, items]) => [key, Resources.ofItems(items)]));
  }

  /** Marks everything as allocated to `role`. */
  allocate(role: string): Resources {
    const allocationInfo = { role };
    return this.allocatedBy((of) => describeAllocation(of, allocationInfo));
  }

  unallocate(): Resources {
    return this.allocatedBy((of) => describeAllocation(of, undefined));
  }

  toUnreserved(): Resources {
    return this.rewrite(({ reservations, ...template }) => template);
  }

  /** Refines every object's reservation; the error says which refinement is impossible. */
  pushReservation(reservation: Resource.ReservationInfo): Result<Resources> {
    const refined = this.rewrite((template) => ({
      ...template,
      reservations: [...(template.reservations ?? []), reservation],
    }));
    for (const message of refined) {
      const error = validateResource(message);
      if (error !== undefined) return err(error);
    }
    return ok(refined);
  }

  /** Takes the innermost reservation off every object; an error when one has none. */
  popReservation(): Result<Resources> {
    if (this.items.some((item) => isUnreserved(item.of.template)))
      return err(`${this} is not reserved`);
    return ok(
      this.rewrite(({ reservations = [], ...template }) =>
        reservations.length === 1
          ? template
          : { ...template, reservations: reservations.slice(0, -1) },
      ),
    );
  }

  private rewrite(change: (template: Resource) => Resource): Resources {
    return this.describedBy((of) => describe(change(of.template)));
  }

  /** Objects that become the same thing are summed. */
  private describedBy(change: (of: Descriptor) => Descriptor): Resources {
    const items = this.items.map((item) => withDescriptor(item, change(item.of)));
    return Resources.ofItems(sumItems([], items));
  }

  /** What is allocated alike stays apart when it is allocated anew, so nothing needs to be summed. */
  private allocatedBy(change: (of: Descriptor) => Descriptor): Resources {
    const role = this.items[0]?.of.template.allocationInfo?.role;
    for (const { of } of this.items)
      if (of.template.allocationInfo?.role !== role) return this.describedBy(change);
    return Resources.ofItems(this.items.map((item) => withDescriptor(item, change(item.of))));
  }

  /** Names in the order of first appearance. */
  names(): string[] {
    return [...new Set(this.items.map((item) => item.of.template.name))];
  }

  /** The sum of the scalars of that name; 0 when there are none. */
  scalar(name: string): number {
    return fromThousandths(this.thousandths(name));
  }

  thousandths(name: string): number {
    let total = 0;
    for (const item of this.items) {
      if (item.type === 'SCALAR' && item.of.template.name === name) total += item.value;
    }
    return total;
  }

  ranges(name: string): Ranges {
    let total: Ranges = [];
    for (const item of this.items) {
      if (item.type === 'RANGES' && item.of.template.name === name)
        total = addRanges(total, item.value);
    }
    return total;
  }

  set(name: string): Items {
    let total: Items = [];
    for (const item of this.items) {
      if (item.type === 'SET' && item.of.template.name === name)
        total = addItems(total, item.value);
    }
    return total;
  }

  quantities(): ResourceQuantities {
    return ResourceQuantities.of(this.items);
  }

  /** How many holders a shared resource has here; 0 when it is not here. */
  copiesOf(resource: Resource): number {
    const wanted = itemOf(toPostRefinement(resource));
    return this.items.find((item) => item.of.isShared && isAddable(item, wanted))?.copies ?? 0;
  }

  /** The same resources with one copy of each shared one. */
  withSingleCopies(): Resources {
    return Resources.ofItems(
      this.items.map((item) => (item.copies > 1 ? withCopies(item, 1) : item)),
    );
  }

  /**
   * Resources of ours that can serve `targets` whatever their reservations: first those reserved to
   * the target's role, then unreserved ones, then any. Undefined when there are not enough.
   */
  find(targets: Resources): Resources | undefined {
    let total = Resources.empty;
    for (const target of targets.items) {
      const found = this.findOne(target);
      if (found === undefined) return undefined;
      total = total.add(found);
    }
    return total;
  }

  private findOne(target: Item): Resources | undefined {
    const isTargetRole = (resource: Resource) =>
      isReserved(resource, reservationRole(target.of.template));
    const preferences = [
      ...(isReserved(target.of.template) ? [isTargetRole] : []),
      isUnreserved,
      () => true,
    ];
    let found = Resources.empty;
    let rest: Resources = this;
    let remaining = new Resources([target]).toUnreserved();
    for (const isPreferred of preferences) {
      for (const item of rest.items.filter(({ of }) => isPreferred(of.template))) {
        const candidate = new Resources([item]);
        const unreserved = candidate.toUnreserved();
        if (unreserved.contains(remaining)) {
          const { reservations } = item.of.template;
          return found.add(
            remaining.rewrite((template) => ({
              ...template,
              ...(reservations && { reservations }),
            })),
          );
        }
        if (remaining.contains(unreserved)) {
          found = found.add(candidate);
          rest = rest.subtract(candidate);
          remaining = remaining.subtract(unreserved);
          // One object of each preference is used up at most, as in Mesos.
          break;
        }
      }
    }
    return undefined;
  }

  /** What an operation takes and gives. LAUNCH converts nothing. The operation must have been validated. */
  static conversions(operation: Offer.Operation): Result<ResourceConversion[]> {
    const conversions = conversionsOf(operation);
    return conversions.ok ? ok(conversions.value.map(conversionOf)) : conversions;
  }

  /** These resources after the operation, or why it can't be done to them. */
  apply(operation: Offer.Operation): Result<Resources> {
    const conversions = Resources.conversions(operation);
    if (!conversions.ok) return err(`Cannot get conversions: ${conversions.error}`);
    return this.convert(conversions.value);
  }

  convert(conversions: Iterable<ResourceConversion>): Result<Resources> {
    let result: Resources = this;
    for (const { consumed, converted } of conversions) {
      if (!result.contains(consumed)) return err(`${result} does not contain ${consumed}`);
      result = result.subtract(consumed).add(converted);
      const isDestroyed = (item: Item) =>
        item.of.isShared && !converted.items.some((other) => isAddable(other, item));
      const leftover = consumed.items.find(
        (item) => isDestroyed(item) && result.contains(new Resources([item])),
      );
      if (leftover !== undefined) {
        return err(
          `Persistent volume ${formatResource(messageOf(leftover))} cannot be removed due to additional shared copies`,
        );
      }
    }
    return ok(result);
  }

  /** `cpus:4; mem(reservations: [(STATIC,r)]):1024`; `{}` when empty; copies of shared ones as `<2>`. */
  toString(): string {
    if (this.isEmpty) return '{}';
    const texts = this.items.map((item) => {
      const text = formatResource(messageOf(item));
      return item.of.isShared ? `${text}<${item.copies}>` : text;
    });
    return texts.join('; ');
  }
}

function conversionOf({ consumed, converted }: MessageConversion): ResourceConversion {
  return { consumed: Resources.of(consumed), converted: Resources.of(converted) };
}
