import type { AgentId, TaskId } from '@mesita/sdk/base';
import type { ExecutorInfo, FrameworkInfo, Resource, Task } from '@mesita/sdk/types';
import type * as internal from '../../../../wire/types/internal.ts';
import {
  addAgent,
  capabilitiesOf,
  connectionTerms,
  createAgent,
  deactivateAgent,
} from '../../agent-life.ts';
import { dropCompletedTask, dropUnreachableTask, dropUnreachableTasksOn } from '../../books.ts';
import { sendDrain } from '../../drain-life.ts';
import type { AgentReadmitted } from '../../events.ts';
import { rolesOf } from '../../framework.ts';
import { count, findFramework, isCompletedFramework } from '../../state.ts';
import { lastKnownDetails, masterUpdate, pronounce, verdictOf } from '../../task-life.ts';
import { log, send, type Turn } from '../../turn.ts';
import { exchangeFrameworks } from './frameworks.ts';
import { isGone, isOutdated, refuse } from './request.ts';

/** Was not registered here: it brings all it has, and the books are made from that. */
export function agentReadmitted(turn: Turn, { request }: AgentReadmitted): void {
  const { state } = turn;
  const { from, message } = request;
  const id = message.agent.id?.value as AgentId;
  if (isOutdated(turn, request)) return;
  state.agents.reregistering.delete(id);
  if (isGone(turn, request)) return;
  const created = createAgent(turn, from, message);
  if (!created.ok) {
    refuse(turn, request, created.error);
    send(turn, from, 'ShutdownMessage', { message: created.error });
    return;
  }
  const agent = created.value;
  const before = state.agents.recovered.get(id) ?? state.agents.unreachable.get(id);
  agent.reregisteredAt = turn.now;
  agent.deactivated = before?.deactivated ?? false;
  agent.drain = before?.drain;
  const frameworks = message.frameworks ?? [];
  const { tasks, executors } = ownedBy(message, frameworks);
  const kept = tasks.filter(({ frameworkId }) => !isCompletedFramework(state, frameworkId));
  if (!state.agents.recovered.has(id)) {
    const wasUnreachable = state.agents.unreachable.has(id);
    for (const task of kept) welcomeBack(turn, task, wasUnreachable);
  }
  dropUnreachableTasksOn(state, id);
  count(state, 'master/slave_reregistrations');
  addAgent(turn, agent, {
    tasks: kept,
    executors: executors.filter((info) => !isCompletedFramework(state, info.frameworkId)),
    completed: message.completedFrameworks ?? [],
  });
  if (agent.deactivated) deactivateAgent(turn, agent);
  sendDrain(turn, agent);
  send(turn, agent, 'SlaveReregisteredMessage', {
    agentId: { value: id },
    connection: connectionTerms(turn),
  });
  log(turn, 'info', 'agent re-registered', { agentId: id, tasks: kept.length });
  for (const { id: frameworkId } of frameworks) {
    if (frameworkId && isCompletedFramework(state, frameworkId)) {
      send(turn, agent, 'ShutdownFrameworkMessage', { frameworkId });
    }
  }
  exchangeFrameworks(turn, agent, frameworks);
}

/** The framework thought this task lost or unreachable; it learns that it is not. */
function welcomeBack(turn: Turn, task: Task, wasUnreachable: boolean): void {
  const framework = findFramework(turn.state, task.frameworkId);
  const taskId = task.taskId.value as TaskId;
  if (framework) {
    dropUnreachableTask(turn.state, framework, taskId);
    dropCompletedTask(framework, taskId);
  }
  const message = wasUnreachable
    ? 'Unreachable agent re-reregistered'
    : 'Unknown agent reregistered';
  const verdict = verdictOf(task, task.state, 'REASON_AGENT_REREGISTERED', message);
  pronounce(turn, framework, masterUpdate(turn, { ...verdict, details: lastKnownDetails(task) }));
}

/** Agents from before MULTI_ROLE do not say to which role they gave what; there is only one. */
function ownedBy(
  { agentCapabilities, tasks = [], executorInfos = [] }: internal.ReregisterSlaveMessage,
  frameworks: readonly FrameworkInfo[],
): { tasks: readonly Task[]; executors: readonly ExecutorInfo[] } {
  if (capabilitiesOf(agentCapabilities).has('MULTI_ROLE')) {
    return { tasks, executors: executorInfos };
  }
  const roles = new Map(frameworks.map((info) => [info.id?.value, [...rolesOf(info)][0] ?? '*']));
  const allocated = (resources: readonly Resource[] | undefined, frameworkId?: string) =>
    resources?.map((resource) =>
      resource.allocationInfo
        ? resource
        : { ...resource, allocationInfo: { role: roles.get(frameworkId) ?? '*' } },
    );
  return {
    tasks: tasks.map((task) => ({
      ...task,
      resources: allocated(task.resources, task.frameworkId.value),
    })),
    executors: executorInfos.map((executor) => ({
      ...executor,
      resources: allocated(executor.resources, executor.frameworkId?.value),
    })),
  };
}
