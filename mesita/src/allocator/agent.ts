import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import { unallocate } from './allotment.ts';
import type { AgentCapabilities } from './capabilities.ts';
import type { Subscription } from './framework.ts';
import type { Maintenance } from './inverse-offers.ts';
import type { OfferFilter, Refusals } from './offer-filters.ts';
import { Portions } from './run/portions.ts';
import type { Sums } from './sums.ts';
import { isRevocableItem } from './sums.ts';
import type { ClusterTotals } from './totals.ts';

/** An offer as it was made. When it comes back whole, things are as they were before. */
export interface Grant {
  readonly subscription: Subscription;
  readonly offer: Resources;
  /** The same, as the agent has it. */
  readonly free: Resources;
  readonly sums: Sums;
  readonly before: Portions;
  readonly after: Portions;
}

export class Agent {
  readonly id: AgentId;
  /** Grows from agent to agent: who was there when a run was asked for. */
  readonly serial: number;
  info: AgentInfo;
  capabilities: AgentCapabilities;
  isActive = true;
  maintenance: Maintenance | undefined;
  readonly filters = new Map<Refusals, OfferFilter[]>();
  /** The demand for which it was last found that nobody takes anything here. */
  settledFor = -1;

  readonly #cluster: ClusterTotals;
  total: Resources;
  hasGpus = false;
  /** What frameworks hold, known to the allocator or not, by role; open grants come on top. */
  readonly held = new Map<FrameworkId, Map<string, Resources>>();
  grants: Grant[] = [];
  /** The shared part of what is charged; see the books. */
  readonly sharedHeld = new Map<Subscription, Resources>();
  /** What runs, of whoever. */
  launched: Resources;
  /** What can be offered: whatever nobody holds, and shared resources always. */
  portions: Portions;

  constructor(
    id: AgentId,
    serial: number,
    info: AgentInfo,
    capabilities: AgentCapabilities,
    total: Resources,
    used: ReadonlyMap<FrameworkId, Resources>,
    cluster: ClusterTotals,
  ) {
    this.id = id;
    this.serial = serial;
    this.info = info;
    this.capabilities = capabilities;
    this.#cluster = cluster;
    this.total = total;
    this.hasGpus = total.thousandths('gpus') > 0;
    this.portions = new Portions(Resources.empty, cluster.names);
    this.launched = Resources.sum(used.values());
    for (const [framework, resources] of used) this.#put(framework, resources);
    this.#updateAvailable();
  }

  get available(): Resources {
    return this.portions.available;
  }

  setTotal(total: Resources): void {
    this.fold();
    this.total = total;
    this.hasGpus = total.thousandths('gpus') > 0;
    this.#updateAvailable();
  }

  heldUnder(framework: FrameworkId, role: string): Resources {
    return this.held.get(framework)?.get(role) ?? Resources.empty;
  }

  hold(framework: FrameworkId, resources: Resources): void {
    this.fold();
    this.#put(framework, resources);
    this.#updateAvailable();
  }

  /** Takes back resources of one role, which must be held. */
  release(framework: FrameworkId, role: string, resources: Resources): void {
    this.fold();
    const roles = this.held.get(framework);
    const left = roles?.get(role)?.subtract(resources);
    if (roles === undefined || left === undefined) return;
    if (!left.isEmpty) roles.set(role, left);
    else if (roles.delete(role) && roles.size === 0) this.held.delete(framework);
    this.#updateAvailable();
  }

  #put(framework: FrameworkId, resources: Resources): void {
    if (resources.isEmpty) return;
    let roles = this.held.get(framework);
    if (roles === undefined) {
      roles = new Map();
      this.held.set(framework, roles);
    }
    for (const [role, part] of byRole(resources)) {
      const before = roles.get(role);
      roles.set(role, before === undefined ? part : before.add(part));
    }
  }

  /** Gives away part of what is available; `offer` says the same, allocated. */
  grant(subscription: Subscription, free: Resources, offer: Resources, sums: Sums): Grant {
    const before = this.portions;
    const left =
      free.length === before.available.length && free === before.of(subscription.role.path).whole
        ? Resources.empty
        : before.available.subtract(free);
    const after = new Portions(left, this.#cluster.names);
    const grant: Grant = { subscription, offer, free, sums, before, after };
    this.grants.push(grant);
    subscription.grants++;
    this.#setPortions(after);
    return grant;
  }

  /** The open grant of exactly this offer, which is then no longer open. */
  revoke(framework: FrameworkId, offer: Resources): Grant | undefined {
    const at = this.grants.findIndex(
      (grant) => grant.offer === offer && grant.subscription.framework.id === framework,
    );
    const grant = this.grants[at];
    if (grant === undefined || grant.after !== this.portions) return undefined;
    this.grants.splice(at, 1);
    grant.subscription.grants--;
    this.#setPortions(grant.before);
    return grant;
  }

  /** Open grants become holdings like all others. */
  fold(): void {
    if (this.grants.length === 0) return;
    const { grants } = this;
    this.grants = [];
    for (const { subscription, offer } of grants) {
      subscription.grants--;
      subscription.agents.add(this);
      this.#put(subscription.framework.id, offer);
    }
  }

  /** Everything that is held, allocated. */
  totalHeld(): Resources {
    this.fold();
    const parts: Resources[] = [];
    for (const roles of this.held.values()) parts.push(...roles.values());
    return Resources.sum(parts);
  }

  #updateAvailable(): void {
    const shared = this.total.shared();
    let free = shared.isEmpty ? this.total : this.total.nonShared();
    for (const roles of this.held.values()) {
      for (const part of roles.values()) {
        free = free.subtract(unallocate(shared.isEmpty ? part : part.nonShared()));
      }
    }
    this.#setPortions(new Portions(free.add(shared), this.#cluster.names));
  }

  #setPortions(portions: Portions): void {
    this.#countRevocable(-1);
    this.portions = portions;
    this.#countRevocable(1);
    this.settledFor = -1;
  }

  #countRevocable(sign: 1 | -1): void {
    for (const item of this.portions.available.items) {
      if (item.type === 'SCALAR' && isRevocableItem(item)) {
        this.#cluster.revocable.addAt(
          this.#cluster.names.indexOf(item.of.template.name),
          sign * item.value,
        );
      }
    }
  }

  /** Before it is forgotten. */
  retire(): void {
    this.#countRevocable(-1);
  }

  addFilter(filter: OfferFilter): void {
    const filters = this.filters.get(filter.owner);
    if (filters === undefined) this.filters.set(filter.owner, [filter]);
    else filters.push(filter);
  }

  removeFilter(filter: OfferFilter): void {
    const filters = this.filters.get(filter.owner);
    const at = filters?.indexOf(filter) ?? -1;
    if (filters === undefined || at < 0) return;
    if (filters.length === 1) this.filters.delete(filter.owner);
    else filters.splice(at, 1);
    this.settledFor = -1;
  }

  clearFilters(): void {
    this.filters.clear();
    this.settledFor = -1;
  }

  /** The filter that stands against this offer. */
  filterAgainst(owner: Refusals, offer: Resources): OfferFilter | undefined {
    const filters = this.filters.get(owner);
    if (filters === undefined) return undefined;
    for (const filter of filters) {
      if (filter.refused === offer || filter.refused.contains(offer)) return filter;
    }
    return undefined;
  }
}

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
