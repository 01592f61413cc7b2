import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import { BitSet } from './bit-set.ts';
import type { AgentCapabilities } from './capabilities.ts';
import type { Subscription } from './framework.ts';
import type { Holding } from './holdings.ts';
import { Holdings } from './holdings.ts';
import type { Maintenance } from './inverse-offers.ts';
import type { Known } from './known-resources.ts';
import type { OfferFilter, Refusals } from './offer-filters.ts';
import type { OfferRecord } from './offer-history.ts';
import { Portions } from './run/portions.ts';
import type { Sums } from './sums.ts';
import { isRevocableItem } from './sums.ts';
import type { ClusterTotals } from './totals.ts';

/** An offer as it was made. When it comes back whole, things are as they were before. */
export interface Grant extends OfferRecord {
  readonly subscription: Subscription;
  /** The same, as the agent has it. */
  readonly free: Resources;
  readonly sums: Sums;
  readonly before: Portions;
  readonly after: Portions;
}

const NOTHING_SHARED: ReadonlyMap<Subscription, Resources> = new Map();
const NO_GRANTS: readonly Grant[] = [];
const NO_FILTERS: readonly OfferFilter[] = [];

export class Agent {
  readonly id: AgentId;
  /** Grows from agent to agent: who was there when a run was asked for. */
  readonly serial: number;
  info: AgentInfo;
  capabilities: AgentCapabilities;
  /** What it keeps frameworks away by; undefined until asked for after a change. */
  bars: number | undefined;
  isActive = true;
  maintenance: Maintenance | undefined;
  #filters: Map<Refusals, OfferFilter[]> | undefined;
  /** Who has filters here: mostly there is none to be looked for. */
  #filteredBy: BitSet | undefined;
  /** Who has a filter against all that could be offered of these portions, as far as it is known. */
  #refusedBy: BitSet | undefined;
  #refused: Portions | undefined;
  /** The demand for which it was last found that nobody takes anything here. */
  settledFor = -1;

  readonly #cluster: ClusterTotals;
  total: Known;
  /** What frameworks hold, known to the allocator or not; open grants come on top. */
  readonly held = new Holdings();
  grants = NO_GRANTS;
  /** The shared part of what is charged; see the books. */
  sharedHeld: ReadonlyMap<Subscription, Resources> = NOTHING_SHARED;
  /** What runs, of whoever. */
  launched: Resources;
  /** What can be offered: whatever nobody holds, and shared resources always. */
  portions: Portions;

  constructor(
    id: AgentId,
    serial: number,
    info: AgentInfo,
    capabilities: AgentCapabilities,
    total: Known,
    used: ReadonlyMap<FrameworkId, Resources>,
    cluster: ClusterTotals,
  ) {
    this.id = id;
    this.serial = serial;
    this.info = info;
    this.capabilities = capabilities;
    this.#cluster = cluster;
    this.total = total;
    this.portions = cluster.nothing;
    this.launched = Resources.empty;
    for (const [framework, resources] of used) {
      const { resources: known } = cluster.known.find(resources);
      this.launched = this.launched.add(known);
      this.held.add(framework, known);
    }
    this.#updateAvailable();
  }

  get hasGpus(): boolean {
    return this.total.hasGpus;
  }

  get available(): Resources {
    return this.portions.available;
  }

  setTotal(total: Known): void {
    this.fold();
    this.total = total;
    this.bars = undefined;
    this.#updateAvailable();
  }

  hold(framework: FrameworkId, resources: Resources): void {
    this.fold();
    this.held.add(framework, resources);
    this.#updateAvailable();
  }

  /** Takes back resources of one role, which must be held. */
  release(framework: FrameworkId, role: string, resources: Resources): void {
    this.fold();
    this.held.set(framework, role, this.held.get(framework, role).subtract(resources));
    this.#updateAvailable();
  }

  /** Takes back everything, before it is forgotten. */
  retire(): readonly Holding[] {
    this.fold();
    const held = [...this.held];
    for (const { framework, role } of held) this.held.set(framework, role, Resources.empty);
    this.#countRevocable(-1);
    return held;
  }

  /** Gives away part of what is available; `offer` says the same, allocated. */
  grant(
    subscription: Subscription,
    free: Resources,
    offer: Resources,
    sums: Sums,
    timestampMs: number,
  ): Grant {
    const before = this.portions;
    const isAll =
      free.length === before.available.length && free === before.of(subscription.role.path).whole;
    const after = isAll
      ? this.#cluster.nothing
      : new Portions(this.#without(free), this.#cluster.names);
    const grant: Grant = {
      subscription,
      agent: this.id,
      role: subscription.role.path,
      resources: offer,
      timestampMs,
      outcome: 'OPEN',
      free,
      sums,
      before,
      after,
    };
    this.grants = this.grants.length === 0 ? [grant] : [...this.grants, grant];
    subscription.grants++;
    this.#setPortions(after);
    return grant;
  }

  /** Available resources but these, none of them shared; shared ones stay the last, as in a total. */
  #without(free: Resources): Resources {
    const { available } = this;
    return this.total.hasShared
      ? available.nonShared().subtract(free).add(available.shared())
      : available.subtract(free);
  }

  /** The open grant of exactly this offer, which is then no longer open. */
  revoke(framework: FrameworkId, offer: Resources): Grant | undefined {
    const { grants } = this;
    let grant: Grant | undefined;
    for (let i = 0; grant === undefined && i < grants.length; i++) {
      const open = grants[i] as Grant;
      if (open.resources === offer && open.subscription.framework.id === framework) grant = open;
    }
    if (grant === undefined || grant.after !== this.portions) return undefined;
    this.grants = grants.length === 1 ? NO_GRANTS : grants.filter((other) => other !== grant);
    grant.subscription.grants--;
    this.#setPortions(grant.before);
    return grant;
  }

  /** Open grants become holdings like all others. */
  fold(): void {
    if (this.grants.length === 0) return;
    const { grants } = this;
    this.grants = NO_GRANTS;
    for (const { subscription, resources } of grants) {
      subscription.grants--;
      subscription.agents.add(this);
      this.held.add(subscription.framework.id, resources);
    }
  }

  /** Everything that is held, allocated. */
  totalHeld(): Resources {
    this.fold();
    return Resources.sum([...this.held].map(({ resources }) => resources));
  }

  #updateAvailable(): void {
    if (!this.total.hasShared) {
      let free = this.total;
      for (const { resources } of this.held) free = free.less(resources);
      this.#setPortions(free.portions);
      return;
    }
    let free = this.total.resources.nonShared();
    for (const { resources } of this.held) free = free.subtract(resources.nonShared().unallocate());
    const available = free.add(this.total.resources.shared());
    this.#setPortions(new Portions(available, this.#cluster.names));
  }

  /** What a framework holds was converted, and the total with it. */
  convert(
    framework: FrameworkId,
    role: string,
    before: Resources,
    after: Resources,
    total: Known,
    changesAvailable: boolean,
  ): void {
    this.fold();
    this.held.set(framework, role, this.held.get(framework, role).subtract(before).add(after));
    this.total = total;
    this.bars = undefined;
    if (changesAvailable) this.#updateAvailable();
  }

  #setPortions(portions: Portions): void {
    this.#countRevocable(-1);
    this.portions = portions;
    this.#countRevocable(1);
    this.settledFor = -1;
  }

  #countRevocable(sign: 1 | -1): void {
    if (!this.portions.hasRevocable) return;
    const { revocable, names } = this.#cluster;
    for (const item of this.portions.available.items) {
      if (item.type !== 'SCALAR' || !isRevocableItem(item)) continue;
      revocable.addAt(names.indexOf(item.of.template.name), sign * item.value);
    }
  }

  setSharedHeld(subscription: Subscription, shared: Resources): void {
    const all = new Map(this.sharedHeld);
    if (shared.isEmpty) all.delete(subscription);
    else all.set(subscription, shared);
    this.sharedHeld = all;
  }

  get filters(): Iterable<readonly OfferFilter[]> {
    return this.#filters?.values() ?? [];
  }

  addFilter(filter: OfferFilter): void {
    this.#filters ??= new Map();
    this.#filteredBy ??= new BitSet();
    this.#filteredBy.add(filter.owner.number);
    const filters = this.#filters.get(filter.owner);
    if (filters === undefined) this.#filters.set(filter.owner, [filter]);
    else filters.push(filter);
  }

  removeFilter(filter: OfferFilter): void {
    const filters = this.#filters?.get(filter.owner);
    const at = filters?.indexOf(filter) ?? -1;
    if (filters === undefined || at < 0) return;
    if (filters.length === 1) {
      this.#filters?.delete(filter.owner);
      this.#filteredBy?.delete(filter.owner.number);
    } else filters.splice(at, 1);
    this.forgetRefusal(filter.owner);
    this.settledFor = -1;
  }

  clearFilters(): void {
    this.#filters = undefined;
    this.#filteredBy = undefined;
    this.#refusedBy = undefined;
    this.settledFor = -1;
  }

  noteRefusal({ number }: Refusals): void {
    this.#refusedBy ??= new BitSet();
    if (this.#refused !== this.portions) this.#refusedBy.clear();
    this.#refused = this.portions;
    this.#refusedBy.add(number);
  }

  forgetRefusal({ number }: Refusals): void {
    this.#refusedBy?.delete(number);
  }

  /** Whether a filter is known to stand against whatever could be offered now. */
  isRefusedBy({ number }: Refusals): boolean {
    return this.#refusedBy?.has(number) === true && this.#refused === this.portions;
  }

  /** The filter that stands against this offer. */
  filterAgainst(owner: Refusals, offer: Resources): OfferFilter | undefined {
    if (this.#filteredBy?.has(owner.number) !== true) return undefined;
    for (const filter of this.#filters?.get(owner) ?? NO_FILTERS) {
      if (filter.refused === offer || filter.refused.contains(offer)) return filter;
    }
    return undefined;
  }
}
