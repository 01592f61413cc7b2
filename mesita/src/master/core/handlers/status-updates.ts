import type { AgentId, ExecutorId, FrameworkId, TaskId } from '@mesita/sdk/base';
import type { AgentID } from '@mesita/sdk/types/mesos';
import type { Agent } from '../agent.ts';
import { findExecutor } from '../books.ts';
import type { ExecutorMessage, ExitedExecutor, StatusUpdate } from '../events.ts';
import { isConnected } from '../framework.ts';
import { tellExecutorExited, tellMessage } from '../framework-events.ts';
import { removeExecutor } from '../framework-removal.ts';
import { count, findAgent, findFramework } from '../state.ts';
import { forwardUpdate, updateTask } from '../task-life.ts';
import { log, type Turn } from '../turn.ts';

/**
 * The framework hears of it before the books change. A task that is not on the books is reported
 * all the same: its framework knows best what to make of it.
 */
export function statusUpdate(turn: Turn, { from, message }: StatusUpdate): void {
  const { update } = message;
  count(turn.state, 'master/messages_status_update');
  const agent = registeredSender(turn, update.agentId, 'status update');
  if (!agent || update.uuid?.length !== 16) {
    count(turn.state, 'master/invalid_status_updates');
    return;
  }
  const framework = findFramework(turn.state, update.frameworkId);
  const isHeard = framework !== undefined && isConnected(framework);
  const { taskId, state } = update.status;
  log(turn, 'info', 'status update', { taskId: taskId.value, state, agentId: agent.id });
  if (isHeard) forwardUpdate(turn, framework, update, from);
  const record = agent.tasks
    .get(update.frameworkId.value as FrameworkId)
    ?.get(taskId.value as TaskId);
  if (record) updateTask(turn, record, update);
  const isValid = isHeard && record !== undefined;
  count(turn.state, `master/${isValid ? 'valid' : 'invalid'}_status_updates`);
}

/** Tasks of a dead executor are the agent's to report; here it is only taken off the books. */
export function exitedExecutor(turn: Turn, { message }: ExitedExecutor): void {
  const { agentId, frameworkId, executorId, status } = message;
  count(turn.state, 'master/messages_exited_executor');
  const agent = registeredSender(turn, agentId, 'exited executor');
  if (!agent) return;
  const id = frameworkId.value as FrameworkId;
  const record = findExecutor(agent, id, executorId.value as ExecutorId);
  // Command executors were never entered, and their frameworks never hear of them.
  if (!record) return;
  log(turn, 'info', 'executor exited', { executorId: executorId.value, agentId: agent.id, status });
  removeExecutor(turn, agent.id, id, record);
  const framework = findFramework(turn.state, frameworkId);
  if (framework && isConnected(framework)) {
    tellExecutorExited(turn, framework, agentId, executorId, status);
  }
}

export function executorMessage(turn: Turn, { message }: ExecutorMessage): void {
  count(turn.state, 'master/messages_executor_to_framework');
  const agent = registeredSender(turn, message.agentId, 'executor message');
  const framework = findFramework(turn.state, message.frameworkId);
  const isValid = agent !== undefined && framework !== undefined && isConnected(framework);
  count(turn.state, `master/${isValid ? 'valid' : 'invalid'}_executor_to_framework_messages`);
  if (isValid) tellMessage(turn, framework, message);
}

function registeredSender(turn: Turn, id: AgentID | undefined, what: string): Agent | undefined {
  const agent = findAgent(turn.state, id);
  if (!agent) {
    const wasRemoved = turn.state.agents.removed.has(id?.value as AgentId);
    log(turn, 'warn', `${what} of an agent that is not registered`, {
      agentId: id?.value,
      wasRemoved,
    });
  }
  return agent;
}
