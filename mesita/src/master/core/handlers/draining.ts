import type { AgentId } from '@mesita/sdk/base';
import type { DrainInfo } from '@mesita/sdk/types';
import type { Agent } from '../agent.ts';
import { deactivateAgent } from '../agent-life.ts';
import { finishDraining, markGone } from '../drain-life.ts';
import type { AgentChanged, AgentDrained, ChangeAgent } from '../events.ts';
import { findAgent, type MasterState, machineKey, setStanding, standingOf } from '../state.ts';
import { allocate, log, send, type Turn } from '../turn.ts';

/*
 * Agents by the word of an operator.
 *
 *             DEACTIVATE               REACTIVATE
 *   active ───────────────▶ deactivated ─────────▶ active
 *      └── DRAIN ──▶ draining ──last task and operation──▶ drained ── REACTIVATE ──▶ active
 *                                                    └── or gone, when that was asked for
 */

/** Answered 200 when the registry has it, 400 when it cannot be, 409 and 503 when it is too late. */
export function changeAgent(turn: Turn, { requestId, agentId, change }: ChangeAgent): void {
  const refuse = (status: number, body?: string) =>
    turn.emit({ type: 'respond', requestId, status, body });
  if (change.kind === 'markGone') {
    const answer = reasonNotGone(turn.state, agentId);
    if (answer) refuse(...answer);
    else markGone(turn, agentId, requestId);
    return;
  }
  const id = { value: agentId };
  const then = { type: 'AgentChanged', requestId, agentId, change } as const;
  const refusal = reasonToRefuse(turn.state, agentId, change.kind);
  if (refusal) refuse(...refusal);
  else if (change.kind === 'drain') {
    const { maxGracePeriod, markGone } = change;
    const operation = { type: 'DrainAgent', id, maxGracePeriod, markGone } as const;
    turn.emit({ type: 'persist', operation, then });
  } else {
    const type = change.kind === 'deactivate' ? 'DeactivateAgent' : 'ReactivateAgent';
    turn.emit({ type: 'persist', operation: { type, id }, then });
  }
}

function reasonToRefuse(
  state: MasterState,
  agentId: AgentId,
  kind: AgentChanged['change']['kind'],
): [number, string] | undefined {
  const standing = standingOf(state, agentId);
  if (kind === 'reactivate') {
    if (!standing?.deactivated) return [400, 'Agent is not deactivated'];
    const isDraining = standing.drain?.state === 'DRAINING';
    return isDraining ? [400, 'Agent is still in the DRAINING state'] : undefined;
  }
  if (!standing) return [400, 'Unknown agent'];
  if (kind !== 'drain') return undefined;
  if (state.agents.markingGone.has(agentId)) return [409, 'Agent is currently being marked gone'];
  const agent = findAgent(state, { value: agentId });
  if (!agent) return undefined;
  if (isScheduled(state, agent)) {
    const machine = JSON.stringify(agent.machineId);
    return [400, `Agent ${agentId} is part of a maintenance schedule under Machine ${machine}`];
  }
  if (agent.capabilities.has('AGENT_DRAINING')) return undefined;
  return [400, `Agent ${agentId} is not capable of draining`];
}

function isScheduled({ schedules }: MasterState, { machineId }: Agent): boolean {
  const machines = (schedules[0]?.windows ?? []).flatMap(({ machineIds = [] }) => machineIds);
  const key = machineKey(machineId);
  return machines.some((id) => machineKey(id) === key);
}

function reasonNotGone({ agents }: MasterState, id: AgentId): [number, string?] | undefined {
  if (agents.gone.has(id)) return [200];
  if (agents.markingGone.has(id)) {
    return [503, `Agent '${id}' is already being transitioned to gone`];
  }
  if (agents.removing.has(id)) return [503, `Agent '${id}' is being transitioned to removed`];
  if (agents.markingUnreachable.has(id)) {
    return [503, `Agent '${id}' is being transitioned to unreachable`];
  }
  const isKnown =
    agents.registered.has(id) || agents.recovered.has(id) || agents.unreachable.has(id);
  return isKnown ? undefined : [404, `Agent '${id}' not found`];
}

export function agentChanged(turn: Turn, event: AgentChanged): void {
  const { requestId, agentId, change } = event;
  const agent = findAgent(turn.state, { value: agentId });
  log(turn, 'info', 'agent changed by an operator', { agentId, change: change.kind });
  if (change.kind === 'reactivate') {
    setStanding(turn.state, agentId, { deactivated: false });
    if (!agent) {
      const body = 'Agent removed while processing the call';
      turn.emit({ type: 'respond', requestId, status: 409, body });
      return;
    }
    agent.drainStartedAt = undefined;
    if (agent.connected) activate(turn, agent);
  } else {
    const before = standingOf(turn.state, agentId)?.drain;
    const drain = change.kind === 'drain' ? drainInfo(change) : before;
    setStanding(turn.state, agentId, { deactivated: true, drain });
    if (agent) deactivateAgent(turn, agent);
    if (agent && change.kind === 'drain') startDraining(turn, agent);
  }
  turn.emit({ type: 'respond', requestId, status: 200 });
}

function drainInfo(change: Extract<AgentChanged['change'], { kind: 'drain' }>): DrainInfo {
  const { maxGracePeriod, markGone } = change;
  return { state: 'DRAINING', config: { ...(maxGracePeriod && { maxGracePeriod }), markGone } };
}

function activate(turn: Turn, agent: Agent): void {
  agent.active = true;
  allocate(turn, 'activateAgent', agent.id);
}

function startDraining(turn: Turn, agent: Agent): void {
  if (!agent.drain) return;
  send(turn, agent, 'DrainSlaveMessage', { config: agent.drain.config });
  agent.drainStartedAt = turn.now;
  finishDraining(turn, agent);
}

export function agentDrained(turn: Turn, { agentId }: AgentDrained): void {
  const standing = standingOf(turn.state, agentId);
  if (!standing?.drain) return;
  log(turn, 'info', 'agent drained', { agentId });
  setStanding(turn.state, agentId, { ...standing, drain: { ...standing.drain, state: 'DRAINED' } });
}
