import type { AgentId } from '@mesita/sdk/base';
import { applyCheckpointedResources, Resources } from '@mesita/sdk/resources';
import type * as internal from '../../../../wire/types/internal.ts';
import type { Agent } from '../../agent.ts';
import { capabilitiesOf, capabilityList, reregistrationTimer } from '../../agent-life.ts';
import { sendDrain } from '../../drain-life.ts';
import type { AgentInfoUpdated } from '../../events.ts';
import { sendCheckpointed } from '../../operation-life.ts';
import { count, findAgent, moveAgent } from '../../state.ts';
import { allocate, send, type Turn } from '../../turn.ts';
import { exchangeFrameworks } from './frameworks.ts';
import { reconcile } from './reconciliation.ts';
import { isGone, isOutdated, refuse } from './request.ts';

/** Was registered here all the time: both sides compare what they know. */
export function agentInfoUpdated(turn: Turn, { request }: AgentInfoUpdated): void {
  const { state } = turn;
  const { from, message } = request;
  if (isOutdated(turn, request)) return;
  state.agents.reregistering.delete(message.agent.id?.value as AgentId);
  if (isGone(turn, request)) return;
  const agent = findAgent(state, message.agent.id);
  if (!agent) {
    refuse(turn, request, 'it was removed meanwhile');
    return;
  }
  moveAgent(state, agent, from);
  turn.emit({ type: 'link', pid: from });
  const error = takeOver(turn, agent, message);
  if (error !== undefined) {
    refuse(turn, request, error);
    send(turn, from, 'ShutdownMessage', { message: error });
    return;
  }
  reconcile(turn, agent, message);
  if (!agent.connected) {
    turn.emit({ type: 'cancelTimer', id: reregistrationTimer(agent.id) });
    agent.connected = true;
    if (!agent.deactivated) {
      agent.active = true;
      allocate(turn, 'activateAgent', agent.id);
    }
  }
  sendDrain(turn, agent);
  exchangeFrameworks(turn, agent, message.frameworks ?? []);
  if (!agent.capabilities.has('RESOURCE_PROVIDER')) sendCheckpointed(turn, agent);
}

function takeOver(
  turn: Turn,
  agent: Agent,
  message: internal.ReregisterSlaveMessage,
): string | undefined {
  const checkpointed = agent.capabilities.has('RESOURCE_PROVIDER')
    ? Resources.of(message.checkpointedResources ?? [])
    : agent.checkpointed;
  const own = applyCheckpointedResources(Resources.of(message.agent.resources ?? []), checkpointed);
  if (!own.ok) return own.error;
  const fromElsewhere = agent.total.filter(
    ({ revocable, providerId }) => revocable !== undefined || providerId !== undefined,
  );
  agent.info = message.agent;
  agent.version = message.version ?? '';
  agent.capabilities = capabilitiesOf(message.agentCapabilities);
  agent.resourceVersion = message.resourceVersionUuid;
  agent.checkpointed = checkpointed;
  agent.total = own.value.add(fromElsewhere);
  agent.reregisteredAt = turn.now;
  count(turn.state, 'master/slave_reregistrations');
  allocate(turn, 'updateAgent', agent.id, agent.info, agent.total, capabilityList(agent));
  return undefined;
}
