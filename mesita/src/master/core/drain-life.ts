import type { AgentId } from '@mesita/sdk/base';
import type { Agent } from './agent.ts';
import type { RequestId } from './effects.ts';
import { send, type Turn, timeInfo } from './turn.ts';

/** Whenever something of an agent ended: a draining one is drained with the last of it. */
export function finishDraining(turn: Turn, agent: Agent): void {
  const { markingGone } = turn.state.agents;
  if (agent.drain?.state !== 'DRAINING' || markingGone.has(agent.id)) return;
  if (agent.tasks.size > 0 || agent.operations.size > 0) return;
  if (agent.drain.config.markGone) {
    markGone(turn, agent.id);
    return;
  }
  const operation = { type: 'MarkAgentDrained', id: { value: agent.id } } as const;
  turn.emit({ type: 'persist', operation, then: { type: 'AgentDrained', agentId: agent.id } });
}

export function markGone(turn: Turn, agentId: AgentId, requestId?: RequestId): void {
  const since = timeInfo(turn);
  turn.state.agents.markingGone.add(agentId);
  turn.emit({
    type: 'persist',
    operation: { type: 'MarkAgentGone', id: { value: agentId }, time: since },
    then: { type: 'AgentMarkedGone', agentId, since, requestId },
  });
}

/** To an agent that registers, or comes back. */
export function sendDrain(turn: Turn, agent: Agent): void {
  if (!agent.drain) return;
  send(turn, agent, 'DrainSlaveMessage', { config: agent.drain.config });
  // Others tell of their operations first, in the update that follows.
  if (!agent.capabilities.has('RESOURCE_PROVIDER')) finishDraining(turn, agent);
}
