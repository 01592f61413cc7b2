import type { Resources } from '@mesita/sdk/resources';
import type { Filters } from '@mesita/sdk/types';
import type { Agenda, Appointment } from './agenda.ts';
import type { Agent } from './agent.ts';

const DEFAULT_REFUSE_SECONDS = 5;
const MAX_REFUSE_SECONDS = 365 * 24 * 60 * 60;

/** Keeps what was refused, and less, from being offered again to the same framework and role. */
export interface OfferFilter {
  readonly owner: Refusals;
  readonly agent: Agent;
  readonly refused: Resources;
  readonly until: number;
  expiry: Appointment | undefined;
}

/** All filters of one framework under one role. */
export class Refusals {
  /** Nobody else's while there are filters. */
  readonly number: number;
  readonly filters = new Set<OfferFilter>();

  constructor(number: number) {
    this.number = number;
  }
}

/** The framework can handle more than before, so that what was refused may not be all of an offer. */
export function reconsider(refusals: Refusals): void {
  for (const { agent } of refusals.filters) agent.forgetRefusal(refusals);
}

export function refuseMs({ refuseSeconds = DEFAULT_REFUSE_SECONDS }: Filters): number {
  if (!(refuseSeconds >= 0)) return DEFAULT_REFUSE_SECONDS * 1000;
  return Math.min(refuseSeconds, MAX_REFUSE_SECONDS) * 1000;
}

/** Lasts at least one allocation interval, so that it outlives the next periodic run; none for no time at all. */
export function addFilter(
  agenda: Agenda,
  owner: Refusals,
  agent: Agent,
  refused: Resources,
  filters: Filters,
  intervalMs: number,
): boolean {
  const requestedMs = refuseMs(filters);
  if (requestedMs === 0) return false;
  const durationMs = Math.max(intervalMs, requestedMs);
  const filter: OfferFilter = {
    owner,
    agent,
    refused,
    until: agenda.now() + durationMs,
    expiry: undefined,
  };
  // Put off once more: a run that is already queued must still find the filter.
  filter.expiry = agenda.after(durationMs, () => agenda.defer(() => removeFilter(filter)));
  owner.filters.add(filter);
  agent.addFilter(filter);
  return true;
}

function removeFilter(filter: OfferFilter): void {
  if (filter.owner.filters.delete(filter)) filter.agent.removeFilter(filter);
}

export function clearRefusals(agenda: Agenda, refusals: Refusals | undefined): void {
  for (const filter of refusals?.filters ?? []) {
    cancel(agenda, filter);
    filter.agent.removeFilter(filter);
  }
  refusals?.filters.clear();
}

export function clearAgentFilters(agenda: Agenda, agent: Agent): void {
  for (const filters of agent.filters) {
    for (const filter of filters) {
      cancel(agenda, filter);
      filter.owner.filters.delete(filter);
    }
  }
  agent.clearFilters();
}

function cancel(agenda: Agenda, { expiry }: OfferFilter): void {
  if (expiry !== undefined) agenda.cancel(expiry);
}
