import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import type { AgentCapabilities } from './capabilities.ts';
import type { Subscription } from './framework.ts';
import type { Maintenance } from './inverse-offers.ts';
import type { OfferFilter, Refusals } from './offer-filters.ts';
import { Portions } from './run/portions.ts';

export class Agent {
  readonly id: AgentId;
  /** Grows from agent to agent: who was there when a run was asked for. */
  readonly serial: number;
  info: AgentInfo;
  capabilities: AgentCapabilities;
  isActive = true;
  maintenance: Maintenance | undefined;
  readonly filters = new Map<Refusals, OfferFilter[]>();

  total: Resources;
  /** What frameworks hold, offered or launched, known to the allocator or not. */
  readonly held = new Map<FrameworkId, Resources>();
  totalHeld = Resources.empty;
  /** The same by subscription, for frameworks the allocator knows. */
  readonly tracked = new Map<Subscription, Resources>();
  /** The part of it that was launched. */
  launched: Resources;
  /** What can be offered: whatever nobody holds, and shared resources always. */
  available = Resources.empty;
  portions = Portions.none;
  hasGpus = false;

  constructor(
    id: AgentId,
    serial: number,
    info: AgentInfo,
    capabilities: AgentCapabilities,
    total: Resources,
    used: ReadonlyMap<FrameworkId, Resources>,
  ) {
    this.id = id;
    this.serial = serial;
    this.info = info;
    this.capabilities = capabilities;
    this.total = total;
    for (const [framework, resources] of used) {
      if (!resources.isEmpty) this.held.set(framework, resources);
    }
    this.totalHeld = Resources.sum(this.held.values());
    this.launched = this.totalHeld;
    this.hasGpus = total.thousandths('gpus') > 0;
    this.#updateAvailable();
  }

  setTotal(total: Resources): void {
    this.total = total;
    this.hasGpus = total.thousandths('gpus') > 0;
    this.#updateAvailable();
  }

  hold(framework: FrameworkId, resources: Resources): void {
    if (resources.isEmpty) return;
    this.held.set(framework, this.heldBy(framework).add(resources));
    this.totalHeld = this.totalHeld.add(resources);
    this.#updateAvailable();
  }

  release(framework: FrameworkId, resources: Resources): void {
    if (resources.isEmpty) return;
    const left = this.heldBy(framework).subtract(resources);
    if (left.isEmpty) this.held.delete(framework);
    else this.held.set(framework, left);
    this.totalHeld = this.totalHeld.subtract(resources);
    this.#updateAvailable();
  }

  heldBy(framework: FrameworkId): Resources {
    return this.held.get(framework) ?? Resources.empty;
  }

  #updateAvailable(): void {
    const held = this.totalHeld.unallocate();
    const shared = this.total.shared();
    this.available = shared.isEmpty
      ? this.total.subtract(held)
      : this.total.nonShared().subtract(held.nonShared()).add(shared);
    this.portions = new Portions(this.available);
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
  }

  clearFilters(): void {
    this.filters.clear();
  }

  /** The filter that stands against this offer. */
  filterAgainst(owner: Refusals, offer: Resources): OfferFilter | undefined {
    return this.filters.get(owner)?.find(({ refused }) => refused.contains(offer));
  }
}
