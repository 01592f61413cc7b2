import type { AgentId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Filters, Offer } from '@mesita/sdk/types';
import type { Agent } from '../agent.ts';
import type { AvailableConverted, ChangeResources } from '../events.ts';
import { offersAmong, rescindOffer } from '../offer-life.ts';
import { applyOperation } from '../operation-life.ts';
import { findAgent, type MasterState } from '../state.ts';
import type { Turn } from '../turn.ts';
import { validateOperationResources } from '../validation/operation-resources.ts';
import { validateOperation } from '../validation/operations.ts';
import { inNewWords } from './calls/normalize.ts';

/** Mesos says where it failed of all but these. */
const unlocated = new Set<Offer.Operation['type']>(['UNRESERVE', 'DESTROY']);

/** Why an operator may not change an agent's resources so, or the operation in today's words. */
export function checkChange(
  state: MasterState,
  agentId: AgentId,
  asked: Offer.Operation,
  principal: string | undefined,
): { readonly refusal: string } | { readonly operation: Offer.Operation } {
  const agent = findAgent(state, { value: agentId });
  if (!agent) return { refusal: 'No agent found with specified ID' };
  const unreadable = validateOperationResources(asked);
  if (unreadable !== undefined) return { refusal: unreadable };
  const operation = inNewWords(asked);
  const invalid = validateOperation(operation, {
    principal,
    agentCapabilities: agent.capabilities,
    checkpointed: agent.checkpointed,
    used: agent.used.values(),
  });
  if (invalid === undefined) return { operation };
  const where = unlocated.has(operation.type) ? '' : ` on agent ${describeAgent(agent)}`;
  return { refusal: `Invalid ${operation.type} operation${where}: ${invalid}` };
}

export function describeAgent({ id, pid, info }: Agent): string {
  return `${id} at ${pid} (${info.hostname})`;
}

/** Long enough that nobody is offered them again before the allocator has converted them. */
const filters: Filters = { refuseSeconds: 5 };

/** What is on offer counts as free: offers that hold of it are taken back until there is enough. */
export function changeResources(turn: Turn, event: ChangeResources): void {
  const { requestId, agentId, principal } = event;
  const checked = checkChange(turn.state, agentId, event.operation, principal);
  const agent = findAgent(turn.state, { value: agentId });
  if ('refusal' in checked || !agent) {
    const body = 'refusal' in checked ? checked.refusal : undefined;
    turn.emit({ type: 'respond', requestId, status: 400, body });
    return;
  }
  const { operation } = checked;
  rescindFor(turn, agent, operation);
  const then = { type: 'AvailableConverted', requestId, agentId, operation } as const;
  turn.emit({ type: 'convertAvailable', agentId, operation, then });
}

function rescindFor(turn: Turn, agent: Agent, operation: Offer.Operation): void {
  const conversions = Resources.conversions(operation);
  if (!conversions.ok) return;
  let missing = Resources.sum(conversions.value.map(({ consumed }) => consumed));
  let recovered = Resources.empty;
  for (const offer of offersAmong(turn, agent.offers)) {
    const held = offer.resources.unallocate();
    const rest = missing.subtract(held);
    if (rest.equals(missing)) continue;
    missing = rest;
    recovered = recovered.add(held);
    rescindOffer(turn, offer, filters);
    if (recovered.convert(conversions.value).ok) return;
  }
}

export function availableConverted(turn: Turn, event: AvailableConverted): void {
  const { requestId, agentId, operation, result } = event;
  const agent = findAgent(turn.state, { value: agentId });
  if (!result.ok || !agent) {
    const body = result.ok ? 'Agent removed' : result.error;
    turn.emit({ type: 'respond', requestId, status: 409, body });
    return;
  }
  applyOperation(turn, agent, undefined, operation);
  turn.emit({ type: 'respond', requestId, status: 202 });
}
