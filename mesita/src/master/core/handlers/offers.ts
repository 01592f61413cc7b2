import type { Pid } from '@mesita/sdk/base';
import type { UnavailableResources } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { InverseOffer, Offer, Resource, URL } from '@mesita/sdk/types';
import { parsePid } from '../../../wire/pid.ts';
import type { Agent } from '../agent.ts';
import { addInverseOffer, addOffer } from '../books.ts';
import type { InverseOffersMade, OffersMade, OfferTimedOut } from '../events.ts';
import { countOf, type Framework, isConnected } from '../framework.ts';
import { tellInverseOffers, tellOffers } from '../framework-events.ts';
import type { OfferRecord } from '../offer.ts';
import { offerTimer, rescindOffer, withdrawInverseOffer } from '../offer-life.ts';
import { machineOf, newOfferId } from '../state.ts';
import { allocate, log, type Turn } from '../turn.ts';

/** One offer for each agent and role, all of them in one event. */
export function offersMade(turn: Turn, { frameworkId, resources }: OffersMade): void {
  const framework = turn.state.frameworks.registered.get(frameworkId);
  const offers: Offer[] = [];
  const pids: Pid[] = [];
  for (const [role, byAgent] of resources) {
    for (const [agentId, offered] of byAgent) {
      const agent = turn.state.agents.registered.get(agentId);
      // The allocator decides on what it knows, which may be a moment old.
      if (!framework?.active || !isConnected(framework) || !agent?.active) {
        allocate(turn, 'recoverResources', frameworkId, agentId, offered, undefined, false);
        continue;
      }
      const record = makeOffer(turn, framework, agent, role, offered);
      addOffer(turn.state, framework, agent, record);
      startTimer(turn, record.id);
      offers.push(record.offer);
      pids.push(agent.pid);
    }
  }
  if (!framework || offers.length === 0) return;
  log(turn, 'info', 'offers made', { frameworkId, offers: offers.length });
  countOf(framework, 'offers/sent', offers.length);
  tellOffers(turn, framework, offers, pids);
}

function makeOffer(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  role: string,
  resources: Resources,
): OfferRecord {
  const id = newOfferId(turn.state);
  const isMultiRole = framework.capabilities.has('MULTI_ROLE');
  const { attributes, domain } = agent.info;
  const executorIds = [...(agent.executors.get(framework.id)?.keys() ?? [])];
  const unavailability = machineOf(turn.state, agent)?.unavailability;
  const offer: Offer = {
    id: { value: id },
    frameworkId: { value: framework.id },
    agentId: { value: agent.id },
    hostname: agent.info.hostname,
    url: urlOf(agent),
    resources: offeredFormat(framework, resources),
    attributes,
    ...(isMultiRole && { allocationInfo: { role } }),
    ...(domain && { domain }),
    ...(executorIds.length > 0 && { executorIds: executorIds.map((value) => ({ value })) }),
    ...(unavailability && { unavailability }),
  };
  return {
    id,
    frameworkId: framework.id,
    agentId: agent.id,
    role,
    resources,
    offer,
    madeAt: turn.now,
  };
}

/** A scheduler must not be shown what it cannot know: older ones compare resources field by field. */
function offeredFormat(framework: Framework, resources: Resources): Resource[] {
  const { capabilities } = framework;
  const shown = capabilities.has('MULTI_ROLE') ? resources : resources.unallocate();
  return shown.toMessages(capabilities.has('RESERVATION_REFINEMENT') ? 'post' : 'pre');
}

function urlOf(agent: Agent): URL {
  const { id = '', ip = '', port = 0 } = parsePid(agent.pid) ?? {};
  return {
    scheme: 'http',
    address: { hostname: agent.info.hostname, ip, port },
    path: `/${id}`,
  };
}

export function inverseOffersMade(turn: Turn, { frameworkId, resources }: InverseOffersMade): void {
  const framework = turn.state.frameworks.registered.get(frameworkId);
  if (!framework?.active || !isConnected(framework)) return;
  const offers: InverseOffer[] = [];
  const pids: Pid[] = [];
  for (const [agentId, unavailable] of resources) {
    const agent = turn.state.agents.registered.get(agentId);
    if (!agent?.active || !machineOf(turn.state, agent)?.unavailability) continue;
    offers.push(makeInverseOffer(turn, framework, agent, unavailable));
    pids.push(agent.pid);
  }
  if (offers.length > 0) tellInverseOffers(turn, framework, offers, pids);
}

function makeInverseOffer(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  unavailable: UnavailableResources,
): InverseOffer {
  const id = newOfferId(turn.state);
  const offer: InverseOffer = {
    id: { value: id },
    frameworkId: { value: framework.id },
    agentId: { value: agent.id },
    url: urlOf(agent),
    unavailability: unavailable.unavailability,
  };
  addInverseOffer(turn.state, framework, agent, {
    id,
    frameworkId: framework.id,
    agentId: agent.id,
    unavailable,
    offer,
  });
  startTimer(turn, id);
  return offer;
}

function startTimer(turn: Turn, id: OfferRecord['id']): void {
  const { offerTimeoutMs } = turn.config;
  if (offerTimeoutMs === undefined) return;
  turn.emit({
    type: 'setTimer',
    id: offerTimer(id),
    delayMs: offerTimeoutMs,
    then: { type: 'OfferTimedOut', offerId: id },
  });
}

export function offerTimedOut(turn: Turn, { offerId }: OfferTimedOut): void {
  const offer = turn.state.offers.get(offerId);
  if (offer) rescindOffer(turn, offer);
  const inverseOffer = turn.state.inverseOffers.get(offerId);
  if (inverseOffer) withdrawInverseOffer(turn, inverseOffer, true);
}
