import type { AgentId, Pid } from '@mesita/sdk/base';
import type { AgentInfo } from '@mesita/sdk/types';
import { parsePid } from '../../../wire/pid.ts';
import { startRemoval } from '../agent-departure.ts';
import {
  addAgent,
  connectionTerms,
  createAgent,
  nothing,
  ownResources,
  upgradeInfo,
} from '../agent-life.ts';
import { isApproved, mayRegisterAgent } from '../approvers.ts';
import type { AgentAdmitted, AgentAuthorized, RegisterAgent } from '../events.ts';
import { count, machineKey, newAgentId } from '../state.ts';
import { log, send, type Turn } from '../turn.ts';
import { validateRegisterAgent } from '../validation/agent-messages.ts';

/*
 * An agent's first registration:
 *
 *   RegisterAgent ──authorize──▶ AgentAuthorized ──persist──▶ AgentAdmitted
 *
 * A refusal is a log line. The agent asks again until it is answered, so nothing is remembered.
 */

export function registerAgent(turn: Turn, event: RegisterAgent): void {
  const { agents } = turn.state;
  const { from, principal, message } = event;
  count(turn.state, 'master/messages_register_slave');
  const error = reasonUnauthenticated(turn, principal) ?? validateRegisterAgent(message);
  if (error !== undefined) {
    refuse(turn, from, error);
    return;
  }
  if (agents.registering.has(from)) return;
  agents.registering.add(from);
  turn.emit({ type: 'authorize', principal, then: { type: 'AgentAuthorized', request: event } });
}

export function registrationAuthorized(
  turn: Turn,
  { approvers }: AgentAuthorized,
  request: RegisterAgent,
): void {
  const { agents } = turn.state;
  const { from, message } = request;
  const own = ownResources(message);
  const reason = isApproved(approvers, mayRegisterAgent)
    ? (reasonToIgnore(turn, from, message.agent, message.version) ??
      (own.ok ? undefined : own.error))
    : 'it is not authorized';
  if (reason !== undefined) {
    refuse(turn, from, reason);
    agents.registering.delete(from);
    return;
  }
  const known = agents.byPid.get(from);
  if (known?.connected) {
    sendRegistered(turn, from, known.id);
    agents.registering.delete(from);
    return;
  }
  if (known) startRemoval(turn, known, 'a new agent registered at the same address', 'registered');
  const info = upgradeInfo({ ...message.agent, id: { value: newAgentId(turn.state) } });
  turn.emit({
    type: 'persist',
    operation: { type: 'AdmitAgent', info },
    then: {
      type: 'AgentAdmitted',
      request: { ...request, message: { ...message, agent: info } },
    },
  });
}

export function agentAdmitted(turn: Turn, { request, mutated }: AgentAdmitted): void {
  const { from, message } = request;
  turn.state.agents.registering.delete(from);
  if (!mutated) {
    refuse(turn, from, 'its new id is taken');
    return;
  }
  const agent = createAgent(turn, from, message);
  if (!agent.ok) {
    refuse(turn, from, agent.error);
    return;
  }
  count(turn.state, 'master/slave_registrations');
  addAgent(turn, agent.value, nothing);
  sendRegistered(turn, from, agent.value.id);
  log(turn, 'info', 'agent registered', {
    agentId: agent.value.id,
    pid: from,
    hostname: message.agent.hostname,
  });
}

function sendRegistered(turn: Turn, pid: Pid, id: AgentId): void {
  send(turn, pid, 'SlaveRegisteredMessage', {
    agentId: { value: id },
    connection: connectionTerms(turn),
  });
}

function refuse(turn: Turn, pid: Pid, reason: string): void {
  log(turn, 'warn', 'agent registration refused', { pid, reason });
}

export function reasonUnauthenticated(
  turn: Turn,
  principal: string | undefined,
): string | undefined {
  if (!turn.config.authenticateAgents || principal !== undefined) return undefined;
  return 'it is not authenticated';
}

/** Rules for first and later registrations alike. An agent on a machine that is down must end. */
export function reasonToIgnore(
  turn: Turn,
  pid: Pid,
  info: AgentInfo,
  version: string | undefined,
): string | undefined {
  const machine = turn.state.machines.get(
    machineKey({ hostname: info.hostname, ip: parsePid(pid)?.ip }),
  );
  if (machine?.mode === 'DOWN') {
    send(turn, pid, 'ShutdownMessage', { message: 'Machine is `DOWN`' });
    return 'its machine is down';
  }
  const major = /^(\d+)\.\d+/.exec(version ?? '')?.[1];
  if (major === undefined) return `its version '${version ?? ''}' is not understood`;
  if (Number(major) < 1) return `its version ${version} is older than 1.0.0`;
  if (info.domain && !turn.state.info.domain) return 'it has a domain, but the master has none';
  if (turn.config.requireAgentDomain && !info.domain)
    return 'it has no domain, but one is required';
  return undefined;
}
