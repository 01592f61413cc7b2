import type { FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';

export interface Holding {
  readonly framework: FrameworkId;
  readonly role: string;
  readonly resources: Resources;
}

/** Who holds what on an agent. A short list: most agents serve a few frameworks. */
export class Holdings implements Iterable<Holding> {
  #list: readonly Holding[] = [];

  [Symbol.iterator](): Iterator<Holding> {
    return this.#list[Symbol.iterator]();
  }

  get(framework: FrameworkId, role: string): Resources {
    return this.#list[this.#find(framework, role)]?.resources ?? Resources.empty;
  }

  of(framework: FrameworkId): Holding[] {
    return this.#list.filter((holding) => holding.framework === framework);
  }

  add(framework: FrameworkId, resources: Resources): void {
    if (resources.isEmpty) return;
    for (const [role, part] of byRole(resources)) {
      const at = this.#find(framework, role);
      if (at >= 0) this.set(framework, role, (this.#list[at] as Holding).resources.add(part));
      else this.#list = this.#list.concat({ framework, role, resources: part });
    }
  }

  set(framework: FrameworkId, role: string, resources: Resources): void {
    const holding: Holding = { framework, role, resources };
    const at = this.#find(framework, role);
    if (resources.isEmpty) this.#list = this.#list.filter((_, index) => index !== at);
    else if (at < 0) this.#list = this.#list.length === 0 ? [holding] : [...this.#list, holding];
    else this.#list = this.#list.with(at, holding);
  }

  #find(framework: FrameworkId, role: string): number {
    return this.#list.findIndex(
      (holding) => holding.framework === framework && holding.role === role,
    );
  }
}

/** Resources by the role they are allocated to. */
export function byRole(resources: Resources): Iterable<readonly [string, Resources]> {
  const role = singleRoleOf(resources);
  return role === undefined ? resources.allocations() : [[role, resources]];
}

/** The one role that everything is allocated to. */
export function singleRoleOf(resources: Resources): string | undefined {
  const role = resources.items[0]?.of.template.allocationInfo?.role;
  for (const item of resources.items)
    if (item.of.template.allocationInfo?.role !== role) return undefined;
  return role;
}
