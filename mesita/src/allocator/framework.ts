import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import type { FrameworkCapabilities } from './capabilities.ts';
import { frameworkCapabilities, rolesOf, stoppedBy } from './capabilities.ts';
import type { OfferConstraints } from './constraints/offer-constraints.ts';
import type { InverseOfferFilter } from './inverse-offers.ts';
import type { Minimums } from './minimum.ts';
import { minimumsOf } from './minimum.ts';
import type { Numbers } from './numbers.ts';
import { Refusals, reconsider } from './offer-filters.ts';
import { OfferHistory } from './offer-history.ts';
import type { Role } from './role-tree.ts';
import type { Client } from './sorter/sorter.ts';

/** A framework under a role: because it subscribes to it, or still holds resources of it. */
export class Subscription {
  readonly framework: Framework;
  readonly role: Role;
  readonly refusals: Refusals;
  client: Client<Subscription>;
  isActive = false;
  /** Bars of agents that keep it away. */
  stoppedBy = 0;
  /** Its own, where it has some. */
  minimums: Minimums | undefined;
  /** Where it holds resources, open grants apart. */
  readonly agents = new Set<Agent>();
  grants = 0;
  /** It declined an offer and took nothing since: until when it counts as idle. */
  idleUntil = 0;
  /** What it is offered in the present run. */
  offers: Map<AgentId, Resources> | undefined;

  constructor(framework: Framework, role: Role) {
    this.framework = framework;
    this.role = role;
    this.refusals = framework.refusalsOf(role.path);
    this.client = (role.sorter as NonNullable<Role['sorter']>).add(framework.id, this);
    this.update();
  }

  /** After the framework changed. */
  update(): void {
    const { capabilities, minimums } = this.framework;
    this.stoppedBy = stoppedBy(capabilities, this.role.path);
    this.minimums = minimums.get(this.role.path);
  }
}

export class Framework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  roles: ReadonlySet<string>;
  capabilities: FrameworkCapabilities;
  minimums: ReadonlyMap<string, Minimums>;
  constraints: OfferConstraints | undefined;
  isActive: boolean;
  readonly suppressed = new Set<string>();
  readonly subscriptions = new Map<string, Subscription>();
  /** By role, subscribed or not: what was declined stays so when the role comes back. */
  readonly refusals = new Map<string, Refusals>();
  readonly history = new OfferHistory();
  /** What it is offered in the present run, by role. */
  offers: Map<string, ReadonlyMap<AgentId, Resources>> | undefined;
  readonly inverseFilters = new Map<AgentId, Set<InverseOfferFilter>>();

  readonly #numbers: Numbers;

  constructor(id: FrameworkId, info: FrameworkInfo, isActive: boolean, numbers: Numbers) {
    this.id = id;
    this.#numbers = numbers;
    this.info = info;
    this.isActive = isActive;
    this.roles = rolesOf(info);
    this.capabilities = frameworkCapabilities(info);
    this.minimums = minimumsOf(info.offerFilters);
  }

  update(info: FrameworkInfo): void {
    this.info = info;
    this.roles = rolesOf(info);
    this.capabilities = frameworkCapabilities(info);
    this.minimums = minimumsOf(info.offerFilters);
    for (const subscription of this.subscriptions.values()) subscription.update();
    for (const refusals of this.refusals.values()) reconsider(refusals);
  }

  refusalsOf(role: string): Refusals {
    let refusals = this.refusals.get(role);
    if (refusals === undefined) {
      refusals = new Refusals(this.#numbers.take());
      this.refusals.set(role, refusals);
    }
    return refusals;
  }

  /** After the last filter was cleared, and before it is forgotten. */
  retire(): void {
    for (const { number } of this.refusals.values()) this.#numbers.giveBack(number);
    this.refusals.clear();
  }
}
