import type { AgentId } from '@mesita/sdk/base';
import { hasResourceProvider, Resources, toPostRefinement } from '@mesita/sdk/resources';
import type { UpdateSlaveMessage } from '../../../wire/types/internal.ts';
import { uuidText } from '../../../wire/uuid.ts';
import type { Agent } from '../agent.ts';
import { deepEqual } from '../deep-equal.ts';
import { finishDraining } from '../drain-life.ts';
import type { UpdateAgent } from '../events.ts';
import { offersAmong, rescindOffer } from '../offer-life.ts';
import { addOperation, providerOf } from '../operation-life.ts';
import { count, findAgent } from '../state.ts';
import { allocate, log, send, type Turn } from '../turn.ts';

/**
 * What an agent has beside its configured resources: what it lends out revocably, and what its
 * resource providers bring. Both are replaced by what it says now.
 */
export function updateAgent(turn: Turn, { message }: UpdateAgent): void {
  count(turn.state, 'master/messages_update_slave');
  const agent = findAgent(turn.state, message.agentId);
  if (!agent) {
    log(turn, 'warn', 'update of an agent that is not registered', {
      agentId: message.agentId.value as AgentId,
    });
    return;
  }
  // Agents from before the field always meant it.
  const isOversubscribing = message.updateOversubscribedResources ?? true;
  const invalid = Resources.validate([
    ...(message.oversubscribedResources ?? []),
    ...(message.resourceProviders?.providers ?? []).flatMap((it) => it.totalResources ?? []),
  ]);
  if (invalid !== undefined) {
    log(turn, 'warn', 'update of an agent with invalid resources', { agentId: agent.id, invalid });
    return;
  }
  const total = totalOf(agent, message, isOversubscribing);
  const isSameVersion =
    message.resourceVersionUuid === undefined ||
    deepEqual(agent.resourceVersion, message.resourceVersionUuid);
  if (isOfAnotherLife(agent, message)) askToReregister(turn, agent);
  reconcileOperations(turn, agent, message);
  finishDraining(turn, agent);
  const isSame = isSameVersion && total.equals(agent.total) && hasSameProviders(agent, message);
  if (isSame) return;
  agent.total = total;
  agent.resourceVersion = message.resourceVersionUuid ?? agent.resourceVersion;
  if (message.resourceProviders) replaceProviders(agent, message.resourceProviders);
  log(turn, 'info', 'agent updated', { agentId: agent.id, total: String(total) });
  allocate(turn, 'updateAgent', agent.id, agent.info, agent.total);
  for (const offer of offersAmong(turn, agent.offers)) {
    const isStale =
      (isOversubscribing && !offer.resources.revocable().isEmpty) ||
      (message.resourceProviders && !offer.resources.filter(hasResourceProvider).isEmpty);
    if (isStale) rescindOffer(turn, offer);
  }
}

/** An agent draws a version when it starts, and keeps it. */
function isOfAnotherLife(agent: Agent, { resourceVersionUuid }: UpdateSlaveMessage): boolean {
  if (!resourceVersionUuid || !agent.resourceVersion) return false;
  return !deepEqual(agent.resourceVersion, resourceVersionUuid);
}

/**
 * What it was re-registered with here was said before it was started again, by a message that came
 * late: it may have run what does not run any more, and only a registration tells.
 */
function askToReregister(turn: Turn, agent: Agent): void {
  log(turn, 'warn', 'agent was registered by an earlier life of it', { agentId: agent.id });
  send(turn, agent, 'PingSlaveMessage', { connected: false }, agent.observer);
}

/**
 * Operations that the agent does not know may have been lost on the way, which it is asked about;
 * those that we do not know are from before a failover.
 */
function reconcileOperations(turn: Turn, agent: Agent, message: UpdateSlaveMessage): void {
  // What is lent may be told at any time, without a word about operations.
  if (!message.operations && !message.resourceProviders) return;
  const told = [
    ...(message.operations?.operations ?? []),
    ...(message.resourceProviders?.providers ?? []).flatMap(
      (it) => it.operations?.operations ?? [],
    ),
  ];
  const known = new Set(told.map(({ uuid }) => uuidText(uuid.value)));
  const missing = [...agent.operations].filter(([key]) => !known.has(key));
  for (const operation of told) {
    if (!agent.operations.has(uuidText(operation.uuid.value))) addOperation(turn, agent, operation);
  }
  if (missing.length === 0) return;
  send(turn, agent, 'ReconcileOperationsMessage', {
    operations: missing.map(([, { operation }]) => {
      const resourceProviderId = providerOf(operation.info);
      return { operationUuid: operation.uuid, ...(resourceProviderId && { resourceProviderId }) };
    }),
  });
}

function totalOf(agent: Agent, message: UpdateSlaveMessage, isOversubscribing: boolean): Resources {
  const own = agent.total.filter((resource) => !hasResourceProvider(resource));
  const revocable = isOversubscribing
    ? Resources.of(message.oversubscribedResources ?? []).revocable()
    : own.revocable();
  const provided = message.resourceProviders
    ? Resources.of(
        (message.resourceProviders.providers ?? []).flatMap((it) => it.totalResources ?? []),
      )
    : agent.total.filter(hasResourceProvider);
  return Resources.sum([own.nonRevocable(), revocable, provided]);
}

function hasSameProviders(agent: Agent, { resourceProviders }: UpdateSlaveMessage): boolean {
  if (!resourceProviders) return true;
  const providers = resourceProviders.providers ?? [];
  return (
    providers.length === agent.resourceProviders.size &&
    providers.every(({ info, resourceVersionUuid }) => {
      const known = agent.resourceProviders.get(info?.id?.value ?? '');
      return (
        known !== undefined &&
        deepEqual(known.info, info) &&
        deepEqual(known.resourceVersion, resourceVersionUuid)
      );
    })
  );
}

function replaceProviders(
  agent: Agent,
  { providers = [] }: UpdateSlaveMessage.ResourceProviders,
): void {
  agent.resourceProviders.clear();
  for (const { info, totalResources = [], resourceVersionUuid } of providers) {
    if (!info?.id) continue;
    agent.resourceProviders.set(info.id.value, {
      info,
      total: Resources.of(totalResources.map(toPostRefinement)),
      resourceVersion: resourceVersionUuid,
    });
  }
}
