import type { AgentId, TaskId } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
import { isTerminal } from '../../../../wire/task-state.ts';
import { rememberKill } from '../../books.ts';
import { finishDraining } from '../../drain-life.ts';
import type { Framework } from '../../framework.ts';
import { count, findAgent } from '../../state.ts';
import { removeTask } from '../../task-life.ts';
import { log, send, type Turn } from '../../turn.ts';
import { reconcile } from './reconcile.ts';

/**
 * The kill is remembered until the task ends: when its agent comes back from a disconnection and
 * still runs it, the agent is told again.
 */
export function kill(turn: Turn, framework: Framework, call: scheduler.Call.Kill): void {
  const { taskId, agentId, killPolicy } = call;
  count(turn.state, 'master/messages_kill_task');
  const record = framework.tasks.get(taskId.value as TaskId);
  if (!record) {
    reconcile(turn, framework, { tasks: [{ taskId, agentId }] });
    return;
  }
  const agent = findAgent(turn.state, record.task.agentId);
  if (!agent || (agentId && agentId.value !== agent.id)) {
    log(turn, 'warn', 'KILL names another agent than the task has', { taskId: taskId.value });
    return;
  }
  rememberKill(agent, framework.id, taskId.value as TaskId);
  if (!agent.connected) return;
  send(turn, agent, 'KillTaskMessage', {
    frameworkId: { value: framework.id },
    taskId,
    ...(killPolicy && { killPolicy }),
  });
}

export function shutdown(
  turn: Turn,
  framework: Framework,
  { agentId, executorId }: scheduler.Call.Shutdown,
): void {
  const agent = findAgent(turn.state, agentId);
  if (!agent) {
    log(turn, 'warn', 'SHUTDOWN on an agent that is not registered', { agentId: agentId.value });
    return;
  }
  send(turn, agent, 'ShutdownExecutorMessage', {
    executorId,
    frameworkId: { value: framework.id },
  });
}

/** An ended task leaves the books when its end was acknowledged; the agent forgets it then, too. */
export function acknowledge(
  turn: Turn,
  framework: Framework,
  { agentId, taskId, uuid }: scheduler.Call.Acknowledge,
): void {
  count(turn.state, 'master/messages_status_update_acknowledgement');
  const agent = findAgent(turn.state, agentId);
  const record = agent?.tasks.get(framework.id)?.get(taskId.value as TaskId);
  // Sent by an earlier master, and not yet by this one: the agent will repeat the update.
  const isUnsent = record !== undefined && record.task.statusUpdateState === undefined;
  if (!agent?.connected || isUnsent) {
    count(turn.state, 'master/invalid_status_update_acknowledgements');
    log(turn, 'warn', 'acknowledgement dropped', { taskId: taskId.value, agentId: agentId.value });
    return;
  }
  const { statusUpdateState, statusUpdateUuid } = record?.task ?? {};
  if (statusUpdateState && isTerminal(statusUpdateState) && isSame(statusUpdateUuid, uuid)) {
    if (record) removeTask(turn, record);
  }
  send(turn, agent, 'StatusUpdateAcknowledgementMessage', {
    agentId,
    frameworkId: { value: framework.id },
    taskId,
    uuid,
  });
  count(turn.state, 'master/valid_status_update_acknowledgements');
  finishDraining(turn, agent);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a?.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function message(
  turn: Turn,
  framework: Framework,
  { agentId, executorId, data }: scheduler.Call.Message,
): void {
  count(turn.state, 'master/messages_framework_to_executor');
  const agent = turn.state.agents.registered.get(agentId.value as AgentId);
  if (!agent?.connected) {
    count(turn.state, 'master/invalid_framework_to_executor_messages');
    return;
  }
  send(turn, agent, 'FrameworkToExecutorMessage', {
    agentId,
    frameworkId: { value: framework.id },
    executorId,
    data,
  });
  count(turn.state, 'master/valid_framework_to_executor_messages');
}
