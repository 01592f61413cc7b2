import type { AgentId } from '@mesita/sdk/base';
import { parsePid } from '../../../../wire/pid.ts';
import type { Agent } from '../../agent.ts';
import { ownResources, upgradeInfo } from '../../agent-life.ts';
import { isApproved, mayRegisterAgent } from '../../approvers.ts';
import { deepEqual } from '../../deep-equal.ts';
import type { AgentAuthorized, ReregisterAgent } from '../../events.ts';
import { findAgent } from '../../state.ts';
import { send, type Turn } from '../../turn.ts';
import { reasonToIgnore } from '../registration.ts';
import { agentInfoUpdated } from './known-agent.ts';
import { agentReadmitted } from './readmission.ts';
import { isGone, isOutdated, refuse } from './request.ts';

/*
 * An agent comes back. Where from decides what the registry is asked:
 *
 *   registered here   (its link broke, or it restarted)   update if its info changed
 *   recovered         (this master took over)             update if its info changed
 *   unreachable, or forgotten                             mark reachable
 *   gone                                                  never: it is shut down
 */

export function reregistrationAuthorized(
  turn: Turn,
  { approvers }: AgentAuthorized,
  request: ReregisterAgent,
): void {
  const { agents } = turn.state;
  const { from, message } = request;
  const info = message.agent;
  const id = info.id?.value as AgentId;
  if (isOutdated(turn, request)) return;
  if (isGone(turn, request)) {
    agents.reregistering.delete(id);
    return;
  }
  const reason = isApproved(approvers, mayRegisterAgent)
    ? (reasonToIgnore(turn, from, info, message.version) ?? reasonToShutDown(turn, request))
    : 'it is not authorized';
  if (reason !== undefined) {
    agents.reregistering.delete(id);
    refuse(turn, request, reason);
    return;
  }
  const registered = agents.registered.get(id);
  if (registered) {
    const then = { type: 'AgentInfoUpdated', request } as const;
    if (deepEqual(registered.info, info)) agentInfoUpdated(turn, { ...then, mutated: false });
    else turn.emit({ type: 'persist', operation: { type: 'UpdateAgent', info }, then });
    return;
  }
  const then = { type: 'AgentReadmitted', request } as const;
  const recovered = agents.recovered.get(id);
  if (recovered && deepEqual(upgradeInfo(recovered.info), info)) {
    agentReadmitted(turn, { ...then, mutated: false });
  } else {
    const type = recovered ? 'UpdateAgent' : 'MarkAgentReachable';
    turn.emit({ type: 'persist', operation: { type, info }, then });
  }
}

function reasonToShutDown(turn: Turn, request: ReregisterAgent): string | undefined {
  const { from, message } = request;
  const known = findAgent(turn.state, message.agent.id);
  const own = ownResources(message);
  const reason = known ? reasonNotMoved(known, request) : own.ok ? undefined : own.error;
  if (reason !== undefined) send(turn, from, 'ShutdownMessage', { message: reason });
  return reason;
}

/** Maintenance is by machine, so an agent may not move to another one. */
function reasonNotMoved(known: Agent, { from, message }: ReregisterAgent): string | undefined {
  const isSameMachine =
    parsePid(known.pid)?.ip === parsePid(from)?.ip &&
    known.info.hostname === message.agent.hostname;
  return isSameMachine ? undefined : 'Agent attempted to reregister with different IP / hostname';
}
