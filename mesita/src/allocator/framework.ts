import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo } from '@mesita/sdk/types';
import type { Agent } from './agent.ts';
import type { FrameworkCapabilities } from './capabilities.ts';
import { frameworkCapabilities, rolesOf } from './capabilities.ts';
import type { OfferConstraints } from './constraints/offer-constraints.ts';
import type { InverseOfferFilter } from './inverse-offers.ts';
import type { Minimums } from './minimum.ts';
import { minimumsOf } from './minimum.ts';
import { Refusals } from './offer-filters.ts';
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
  /** Where it holds resources, open grants apart. */
  readonly agents = new Set<Agent>();
  grants = 0;
  /** What it is offered in the present run. */
  offers: Map<AgentId, Resources> | undefined;

  constructor(framework: Framework, role: Role) {
    this.framework = framework;
    this.role = role;
    this.refusals = framework.refusalsOf(role.path);
    this.client = (role.sorter as NonNullable<Role['sorter']>).add(framework.id, this);
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

  constructor(id: FrameworkId, info: FrameworkInfo, isActive: boolean) {
    this.id = id;
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
  }

  refusalsOf(role: string): Refusals {
    let refusals = this.refusals.get(role);
    if (refusals === undefined) {
      refusals = new Refusals();
      this.refusals.set(role, refusals);
    }
    return refusals;
  }
}
