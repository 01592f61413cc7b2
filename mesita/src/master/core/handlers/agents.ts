import { type AgentId, formatDuration, type TaskId } from '@mesita/sdk/base';
import { removeAgent, startRemoval, tellAgentIsLost } from '../agent-departure.ts';
import { disconnectAgent, ping } from '../agent-life.ts';
import { addCompletedTask, dropUnreachableTask } from '../books.ts';
import type {
  AgentAuthorized,
  AgentMarkedGone,
  AgentMarkedUnreachable,
  AgentPonged,
  AgentRemoved,
  PeerExited,
  PingTimedOut,
  ReregistrationTimedOut,
  UnregisterAgent,
} from '../events.ts';
import { isConnected } from '../framework.ts';
import { tellError } from '../framework-events.ts';
import { disconnect } from '../framework-life.ts';
import { count, findAgent, insertGone, insertUnreachable } from '../state.ts';
import { masterUpdate, pronounce, updateTask, verdictOf } from '../task-life.ts';
import { log, send, type Turn } from '../turn.ts';
import { cancelSilent, scheduleUnreachable } from '../unreachable.ts';
import { registrationAuthorized } from './registration.ts';
import { reregistrationAuthorized } from './reregistration/authorized.ts';

export function agentAuthorized(turn: Turn, event: AgentAuthorized): void {
  const { request } = event;
  if (request.type === 'RegisterAgent') registrationAuthorized(turn, event, request);
  else reregistrationAuthorized(turn, event, request);
}

export function agentPonged(turn: Turn, { observer }: AgentPonged): void {
  const agent = turn.state.agents.byObserver.get(observer);
  if (!agent) return;
  agent.missedPings = 0;
  cancelSilent(turn, agent.id);
}

/** Pings go on while the registry is asked: an agent that answers late is marked all the same. */
export function pingTimedOut(turn: Turn, { agentId, observer }: PingTimedOut): void {
  const agent = turn.state.agents.byObserver.get(observer);
  if (!agent) return;
  if (agent.missedPings >= turn.config.maxAgentPingTimeouts) {
    scheduleUnreachable(turn, agentId, { why: 'silent', message: 'health check timed out' });
  }
  ping(turn, agent);
}

export function peerExited(turn: Turn, { pid }: PeerExited): void {
  for (const framework of turn.state.frameworks.registered.values()) {
    const { connection } = framework;
    if (connection.kind !== 'pid' || connection.pid !== pid) continue;
    tellError(turn, framework, 'Framework disconnected');
    disconnect(turn, framework);
    return;
  }
  const agent = turn.state.agents.byPid.get(pid);
  if (agent?.connected) disconnectAgent(turn, agent);
}

export function reregistrationTimedOut(turn: Turn, { agentId }: ReregistrationTimedOut): void {
  const agent = findAgent(turn.state, { value: agentId });
  if (!agent || agent.connected) return;
  const limit = formatDuration(turn.config.agentReregisterTimeoutMs);
  scheduleUnreachable(turn, agentId, {
    why: 'disconnected',
    message: `agent did not reregister within ${limit} after disconnecting`,
  });
}

export function unregisterAgent(turn: Turn, { from, message }: UnregisterAgent): void {
  count(turn.state, 'master/messages_unregister_slave');
  const agent = findAgent(turn.state, message.agentId);
  if (!agent || agent.pid !== from) {
    log(turn, 'warn', 'unregistration ignored', { from, agentId: message.agentId.value });
    return;
  }
  startRemoval(turn, agent, 'the agent unregistered', 'unregistered');
}

export function agentRemoved(turn: Turn, { agentId, message, reason }: AgentRemoved): void {
  const { state } = turn;
  state.agents.removing.delete(agentId);
  const agent = findAgent(state, { value: agentId });
  if (!agent) return;
  count(state, 'master/slave_removals');
  count(state, `master/slave_removals/reason_${reason}`);
  removeAgent(turn, agent, { kind: 'removed', cause: message });
}

export function agentMarkedUnreachable(turn: Turn, event: AgentMarkedUnreachable): void {
  const { agentId, since, message, duringFailover } = event;
  const { agents } = turn.state;
  agents.markingUnreachable.delete(agentId);
  count(turn.state, 'master/slave_removals');
  count(turn.state, 'master/slave_removals/reason_unhealthy');
  count(turn.state, 'master/slave_unreachable_completed');
  const agent = agents.registered.get(agentId);
  const before = agent ?? agents.recovered.get(agentId);
  const { deactivated = false, drain } = before ?? {};
  if (duringFailover) {
    count(turn.state, 'master/recovery_slave_removals');
    tellAgentIsLost(turn, agentId, before?.info);
  } else if (agent) {
    removeAgent(turn, agent, { kind: 'unreachable', cause: message, since });
  }
  insertUnreachable(turn.state, agentId, { since, deactivated, drain });
}

export function agentMarkedGone(turn: Turn, { agentId, since, requestId }: AgentMarkedGone): void {
  const { agents } = turn.state;
  const message = 'Agent has been marked gone';
  agents.markingGone.delete(agentId);
  const agent = agents.registered.get(agentId);
  const wasUnreachable = agents.unreachable.has(agentId);
  if (agent) {
    send(turn, agent, 'ShutdownMessage', { message });
    removeAgent(turn, agent, { kind: 'gone', cause: message });
  }
  insertGone(turn.state, agentId, since);
  if (wasUnreachable) endUnreachableTasks(turn, agentId, message);
  if (requestId !== undefined) turn.emit({ type: 'respond', requestId, status: 200 });
}

function endUnreachableTasks(turn: Turn, agentId: AgentId, message: string): void {
  for (const [record, framework] of [...(turn.state.unreachableTasks.get(agentId) ?? [])]) {
    const { task } = record;
    const verdict = framework.capabilities.has('PARTITION_AWARE')
      ? verdictOf(task, 'TASK_GONE_BY_OPERATOR', 'REASON_AGENT_REMOVED_BY_OPERATOR', message)
      : verdictOf(task, 'TASK_LOST', 'REASON_AGENT_REMOVED', message);
    const update = masterUpdate(turn, verdict);
    updateTask(turn, record, update);
    if (isConnected(framework)) pronounce(turn, framework, update);
    addCompletedTask(framework, record, turn.config.maxCompletedTasksPerFramework);
    dropUnreachableTask(turn.state, framework, task.taskId.value as TaskId);
  }
}
