import type { AgentId, Pid } from '@mesita/sdk/base';
import { upgradeInfo } from '../../agent-life.ts';
import type { ReregisterAgent } from '../../events.ts';
import { count } from '../../state.ts';
import { log, send, type Turn } from '../../turn.ts';
import { validateReregisterAgent } from '../../validation/agent-messages.ts';
import { reasonUnauthenticated } from '../registration.ts';

export function reregisterAgent(turn: Turn, event: ReregisterAgent): void {
  const { agents } = turn.state;
  const id = event.message.agent.id?.value as AgentId;
  count(turn.state, 'master/messages_reregister_slave');
  if (agents.reregistering.has(id)) agents.reregistering.set(id, event);
  else begin(turn, event);
}

function begin(turn: Turn, event: ReregisterAgent): void {
  const { agents } = turn.state;
  const { from, principal, message } = event;
  const id = message.agent.id?.value as AgentId;
  if (agents.markingUnreachable.has(id)) {
    refuse(turn, event, 'it is being marked unreachable');
    return;
  }
  if (isGone(turn, event)) return;
  const error =
    reasonUnauthenticated(turn, principal) ??
    (id ? validateReregisterAgent(message) : 'it has no id');
  if (error !== undefined) {
    refuse(turn, event, error);
    return;
  }
  log(turn, 'info', 'agent re-registers', { agentId: id, pid: from });
  const request = { ...event, message: { ...message, agent: upgradeInfo(message.agent) } };
  agents.reregistering.set(id, request);
  turn.emit({ type: 'authorize', principal, then: { type: 'AgentAuthorized', request } });
}

/**
 * The agent has sent another message meanwhile, from another address perhaps and with other tasks:
 * that one takes the place of this one, which has changed nothing but the registry.
 */
export function isOutdated(turn: Turn, request: ReregisterAgent): boolean {
  const { reregistering } = turn.state.agents;
  const id = request.message.agent.id?.value as AgentId;
  const newest = reregistering.get(id);
  if (newest === request || newest === undefined) return false;
  reregistering.delete(id);
  begin(turn, newest);
  return true;
}

export function isGone(turn: Turn, request: ReregisterAgent): boolean {
  const { agents } = turn.state;
  const id = request.message.agent.id?.value as AgentId;
  if (agents.gone.has(id)) {
    refuse(turn, request, 'it was marked gone');
    send(turn, request.from, 'ShutdownMessage', { message: 'Agent has been marked gone' });
    return true;
  }
  if (!agents.markingGone.has(id)) return false;
  refuse(turn, request, 'it is being marked gone');
  return true;
}

export function refuse(turn: Turn, { from, message }: ReregisterAgent, reason: string): void {
  const pid: Pid = from;
  log(turn, 'warn', 'agent re-registration refused', {
    pid,
    agentId: message.agent.id?.value,
    reason,
  });
}
