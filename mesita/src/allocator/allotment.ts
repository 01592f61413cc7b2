import type { Item } from '@mesita/sdk/resources';
import { Resources } from '@mesita/sdk/resources';

type Descriptor = Item['of'];

// Every offer says of each object for which role it is, and takes that back when it is declined;
// what it says of an object does not depend on the amount, so it is said once.
const allocated = new WeakMap<Descriptor, Map<string, Descriptor>>();
const unallocated = new WeakMap<Descriptor, Descriptor>();

function allocatedTo(item: Item, role: string): Descriptor {
  let byRole = allocated.get(item.of);
  if (byRole === undefined) {
    byRole = new Map();
    allocated.set(item.of, byRole);
  }
  let of = byRole.get(role);
  if (of === undefined) {
    of = (Resources.ofItems([item]).allocate(role).items[0] as Item).of;
    byRole.set(role, of);
    unallocated.set(of, item.of);
  }
  return of;
}

function unallocatedFrom(item: Item): Descriptor {
  if (item.of.template.allocationInfo === undefined) return item.of;
  let of = unallocated.get(item.of);
  if (of === undefined) {
    of = (Resources.ofItems([item]).unallocate().items[0] as Item).of;
    unallocated.set(item.of, of);
  }
  return of;
}

function withDescriptor({ type, value, copies }: Item, of: Descriptor): Item {
  return { type, of, value, copies } as Item;
}

/** What nobody holds, as it is offered to a role. */
export function allocate(resources: Resources, role: string): Resources {
  return Resources.ofItems(
    resources.items.map((item) => withDescriptor(item, allocatedTo(item, role))),
  );
}

/** What a framework holds under one role, as the agent has it. */
export function unallocate(resources: Resources): Resources {
  return Resources.ofItems(
    resources.items.map((item) => withDescriptor(item, unallocatedFrom(item))),
  );
}

/** The same thing on many agents, described once. */
export class Descriptors {
  readonly #known = new Map<string, Descriptor>();
  static readonly #MAX = 10_000;

  share(resources: Resources): Resources {
    return Resources.ofItems(resources.items.map((item) => this.#shareItem(item)));
  }

  #shareItem(item: Item): Item {
    const { key, template } = item.of;
    // Reservations and volumes are different nearly everywhere.
    if (
      template.reservations !== undefined ||
      template.disk !== undefined ||
      template.$unknown !== undefined
    ) {
      return item;
    }
    const known = this.#known.get(key);
    if (known === item.of) return item;
    if (known !== undefined) return withDescriptor(item, known);
    if (this.#known.size < Descriptors.#MAX) this.#known.set(key, item.of);
    return item;
  }
}
