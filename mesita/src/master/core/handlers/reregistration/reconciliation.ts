import type { ExecutorId, FrameworkId, TaskId } from '@mesita/sdk/base';
import { isTerminal } from '../../../../wire/task-state.ts';
import type * as internal from '../../../../wire/types/internal.ts';
import type { Agent } from '../../agent.ts';
import { connectionTerms } from '../../agent-life.ts';
import { removeExecutor } from '../../framework-removal.ts';
import { isCompletedFramework } from '../../state.ts';
import { send, type Turn } from '../../turn.ts';

type Report = internal.ReregisterSlaveMessage;

/** What the agent runs against what is in the books: each may know what the other missed. */
export function reconcile(turn: Turn, agent: Agent, report: Report): void {
  send(turn, agent, 'SlaveReregisteredMessage', {
    agentId: { value: agent.id },
    connection: connectionTerms(turn),
    reconciliations: missingTasks(turn, agent, report),
  });
  removeLostExecutors(turn, agent, report);
  killTasksGivenUp(turn, agent, report);
  shutDownUnknownExecutors(turn, agent, report);
  shutDownCompletedFrameworks(turn, agent, report);
}

function removeLostExecutors(turn: Turn, agent: Agent, { executorInfos = [] }: Report): void {
  const running = new Set(
    executorInfos.map((info) => key(info.frameworkId?.value, info.executorId.value)),
  );
  for (const [frameworkId, executors] of [...agent.executors]) {
    for (const [executorId, executor] of [...executors]) {
      if (running.has(key(frameworkId, executorId))) continue;
      removeExecutor(turn, agent.id, frameworkId, executor);
    }
  }
}

function killTasksGivenUp(turn: Turn, agent: Agent, { tasks = [] }: Report): void {
  for (const { frameworkId, taskId, state } of tasks) {
    const id = frameworkId.value as FrameworkId;
    const isKilled = agent.killedTasks.get(id)?.has(taskId.value as TaskId) ?? false;
    // Told to its framework as lost when the connection broke, so it must not go on.
    const isGivenUp = !agent.tasks.get(id)?.has(taskId.value as TaskId);
    if (isTerminal(state) || !(isKilled || isGivenUp)) continue;
    send(turn, agent, 'KillTaskMessage', { frameworkId, taskId });
  }
}

function shutDownUnknownExecutors(turn: Turn, agent: Agent, { executorInfos = [] }: Report): void {
  for (const { frameworkId, executorId } of executorInfos) {
    const isKnown = agent.executors
      .get(frameworkId?.value as FrameworkId)
      ?.has(executorId.value as ExecutorId);
    if (!isKnown) send(turn, agent, 'ShutdownExecutorMessage', { frameworkId, executorId });
  }
}

function shutDownCompletedFrameworks(turn: Turn, agent: Agent, { tasks = [] }: Report): void {
  const shutDown = new Set<string>();
  for (const { frameworkId } of tasks) {
    if (shutDown.has(frameworkId.value) || !isCompletedFramework(turn.state, frameworkId)) continue;
    shutDown.add(frameworkId.value);
    send(turn, agent, 'ShutdownFrameworkMessage', { frameworkId });
  }
}

/**
 * Tasks that the agent did not mention: their launch may have been lost, or still be on its way.
 * Only the agent can tell, and answers with an update of each that it does not know.
 */
function missingTasks(
  turn: Turn,
  agent: Agent,
  { tasks = [] }: Report,
): internal.ReconcileTasksMessage[] {
  const reported = new Set(tasks.map((task) => key(task.frameworkId.value, task.taskId.value)));
  const reconciliations: internal.ReconcileTasksMessage[] = [];
  for (const [frameworkId, records] of agent.tasks) {
    const missing = [...records.values()].filter(
      ({ task }) => !reported.has(key(frameworkId, task.taskId.value)),
    );
    const framework = turn.state.frameworks.registered.get(frameworkId);
    if (missing.length === 0 || !framework) continue;
    reconciliations.push({
      frameworkId: { value: frameworkId },
      framework: framework.info,
      statuses: missing.map(({ task }) => ({
        taskId: task.taskId,
        agentId: { value: agent.id },
        state: task.statusUpdateState ?? task.state,
        source: 'SOURCE_MASTER',
        message: 'Reconciliation request',
        reason: 'REASON_RECONCILIATION',
        timestamp: turn.now / 1000,
      })),
    });
  }
  return reconciliations;
}

function key(
  frameworkId: FrameworkId | string | undefined,
  id: ExecutorId | TaskId | string,
): string {
  return `${frameworkId}/${id}`;
}
