import type { Logger } from '@mesita/sdk/base';
import type { AgentOrder, AllocatorSorter, OfferFilter, QuotaPolicy } from '@mesita/sdk/module';
import type { Agent } from './agent.ts';
import type { Subscription } from './framework.ts';

/** What takes the place of built-in parts; what is absent costs nothing. */
export interface AllocatorParts {
  readonly sorter?: AllocatorSorter | undefined;
  readonly offerFilters?: readonly OfferFilter[] | undefined;
  readonly agentOrder?: AgentOrder | undefined;
  readonly quotaPolicy?: QuotaPolicy | undefined;
}

/** Parts are other people's code: what they throw must not end a run. */
export function ask<T>(log: Logger, part: string, question: () => T): T | undefined {
  try {
    return question();
  } catch (error) {
    log.error('part of the allocator failed', { part, reason: String(error) });
    return undefined;
  }
}

/** Why a filter of a module stands against an offer. */
export function refusalOf(
  log: Logger,
  filters: readonly OfferFilter[] | undefined,
  agent: Agent,
  { framework, role }: Subscription,
  resources: Agent['available'],
): string | undefined {
  if (filters === undefined) return undefined;
  const offer = {
    agent: agent.id,
    agentInfo: agent.info,
    framework: framework.id,
    frameworkInfo: framework.info,
    role: role.path,
    resources,
  };
  for (const filter of filters) {
    const reason = ask(log, 'OfferFilter', () => filter.refuse(offer));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

export function orderAgents(log: Logger, part: AgentOrder, agents: Agent[]): void {
  const seen = agents.map(({ id, info, total, available }) => ({
    ...{ id, info, total: total.resources, available },
  }));
  const order = ask(log, 'AgentOrder', () => [...part.order(seen)]) ?? [];
  const places = new Map(order.map((id, place) => [id, place]));
  const placeOf = ({ id }: Agent) => places.get(id) ?? Number.MAX_SAFE_INTEGER;
  agents.sort((a, b) => placeOf(a) - placeOf(b));
}
