import type { AgentId } from '@mesita/sdk/base';
import { count } from './state.ts';
import { log, type Turn, timeInfo } from './turn.ts';

/**
 * How an agent comes to be unreachable, at the rate of `--agent_removal_rate_limit`:
 *
 *   scheduled ──its turn──▶ the registry is asked ──▶ AgentMarkedUnreachable
 *       └── it came back ──▶ canceled
 */
export interface PendingRemoval {
  /** Does not answer pings; did not re-register after its link broke, or after a failover. */
  readonly why: 'silent' | 'disconnected' | 'missing';
  readonly message: string;
}

/** At once where there is no limit. Scheduling it again changes nothing. */
export function scheduleUnreachable(turn: Turn, agentId: AgentId, removal: PendingRemoval): void {
  const { removals } = turn.state.agents;
  if (removals.has(agentId) || !isDue(turn, agentId, removal)) return;
  count(turn.state, 'master/slave_unreachable_scheduled');
  removals.set(agentId, removal);
  removalPermitted(turn);
}

/** The agent answers again, before its turn came. */
export function cancelSilent(turn: Turn, agentId: AgentId): void {
  const { removals } = turn.state.agents;
  if (removals.get(agentId)?.why === 'silent') cancel(turn, agentId);
}

function cancel(turn: Turn, agentId: AgentId): void {
  turn.state.agents.removals.delete(agentId);
  count(turn.state, 'master/slave_unreachable_canceled');
}

export function removalPermitted(turn: Turn): void {
  const { agents, next } = turn.state;
  const intervalMs = turn.config.agentRemovalIntervalMs ?? 0;
  for (const [agentId, removal] of agents.removals) {
    if (!isDue(turn, agentId, removal)) {
      cancel(turn, agentId);
      continue;
    }
    // The clock may have been set back since: nobody waits longer than the rate asks for.
    const delayMs = Math.min(next.removalAt - turn.now, intervalMs);
    if (delayMs > 0) {
      next.removalAt = turn.now + delayMs;
      turn.emit({ type: 'setTimer', id: 'removal', delayMs, then: { type: 'RemovalPermitted' } });
      return;
    }
    next.removalAt = turn.now + intervalMs;
    agents.removals.delete(agentId);
    markUnreachable(turn, agentId, removal);
  }
}

/** Whether the reason still holds, and the agent's fate is not decided elsewhere. */
function isDue({ state: { agents } }: Turn, agentId: AgentId, { why }: PendingRemoval): boolean {
  const isBusy =
    agents.reregistering.has(agentId) ||
    agents.markingUnreachable.has(agentId) ||
    agents.removing.has(agentId) ||
    agents.markingGone.has(agentId);
  if (isBusy) return false;
  if (why === 'missing') return agents.recovered.has(agentId);
  const agent = agents.registered.get(agentId);
  return agent !== undefined && (why === 'silent' || !agent.connected);
}

function markUnreachable(turn: Turn, agentId: AgentId, { why, message }: PendingRemoval): void {
  log(turn, 'info', 'marking agent unreachable', { agentId, message });
  turn.state.agents.markingUnreachable.add(agentId);
  const since = timeInfo(turn);
  turn.emit({
    type: 'persist',
    operation: { type: 'MarkAgentUnreachable', id: { value: agentId }, time: since },
    then: {
      type: 'AgentMarkedUnreachable',
      agentId,
      since,
      message,
      duringFailover: why === 'missing',
    },
  });
}
