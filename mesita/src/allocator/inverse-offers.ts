import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import type {
  AllocatorCallbacks,
  InverseOfferStatus,
  UnavailableResources,
} from '@mesita/sdk/module';
import { Resources } from '@mesita/sdk/resources';
import type { Filters, Unavailability } from '@mesita/sdk/types';
import type { Agenda, Appointment } from './agenda.ts';
import type { Agent } from './agent.ts';
import type { Framework } from './framework.ts';
import { refuseMs } from './offer-filters.ts';

export interface Maintenance {
  readonly unavailability: Unavailability;
  readonly statuses: Map<FrameworkId, InverseOfferStatus>;
  /** Frameworks that were asked and have not answered. */
  readonly outstanding: Set<FrameworkId>;
}

export interface InverseOfferFilter {
  expiry: Appointment | undefined;
}

export function plannedMaintenance(
  unavailability: Unavailability | undefined,
): Maintenance | undefined {
  return unavailability && { unavailability, statuses: new Map(), outstanding: new Set() };
}

/** Unlike filters of offers, these need not outlast a periodic run. */
export function addInverseFilter(
  agenda: Agenda,
  framework: Framework,
  agent: Agent,
  filters: Filters,
): void {
  const durationMs = refuseMs(filters);
  if (durationMs === 0) return;
  const filter: InverseOfferFilter = { expiry: undefined };
  filter.expiry = agenda.after(durationMs, () => {
    const filtersOfAgent = framework.inverseFilters.get(agent.id);
    if (filtersOfAgent?.delete(filter) && filtersOfAgent.size === 0)
      framework.inverseFilters.delete(agent.id);
  });
  const filtersOfAgent = framework.inverseFilters.get(agent.id) ?? new Set();
  framework.inverseFilters.set(agent.id, filtersOfAgent.add(filter));
}

export function clearInverseFilters(agenda: Agenda, framework: Framework, agent?: AgentId): void {
  for (const [id, filters] of framework.inverseFilters) {
    if (agent !== undefined && agent !== id) continue;
    for (const { expiry } of filters) if (expiry !== undefined) agenda.cancel(expiry);
    framework.inverseFilters.delete(id);
  }
}

/** Asks each active framework that holds something on an agent with planned maintenance, once. */
export function sendInverseOffers(
  candidates: Iterable<Agent>,
  frameworks: ReadonlyMap<FrameworkId, Framework>,
  callbacks: AllocatorCallbacks,
): void {
  const offers = new Map<FrameworkId, Map<AgentId, UnavailableResources>>();
  for (const agent of candidates) {
    const { maintenance } = agent;
    if (maintenance === undefined) continue;
    agent.fold();
    for (const { framework: id } of agent.held) {
      const framework = frameworks.get(id);
      if (framework === undefined || !framework.isActive) continue;
      if (maintenance.outstanding.has(id) || framework.inverseFilters.has(agent.id)) continue;
      maintenance.outstanding.add(id);
      const { unavailability } = maintenance;
      const offer: UnavailableResources = { resources: Resources.empty, unavailability };
      const offersOfFramework = offers.get(id) ?? new Map<AgentId, UnavailableResources>();
      offers.set(id, offersOfFramework.set(agent.id, offer));
    }
  }
  for (const [id, agents] of offers) callbacks.inverseOffer(id, agents);
}
