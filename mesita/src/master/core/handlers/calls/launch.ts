import type { ExecutorId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { ExecutorInfo, Offer, TaskInfo, TaskStatus } from '@mesita/sdk/types';
import type { ResourceVersionUUID } from '../../../../wire/types/internal.ts';
import type { Agent } from '../../agent.ts';
import { isApproved, mayRunTask } from '../../approvers.ts';
import {
  addAgentExecutor,
  addFrameworkExecutor,
  executorRecord,
  findExecutor,
} from '../../books.ts';
import type { Framework } from '../../framework.ts';
import { pidOf } from '../../framework-life.ts';
import { countOperation } from '../../operation-life.ts';
import { addTask, refuseTask } from '../../task-life.ts';
import { log, send, type Turn } from '../../turn.ts';
import { validateTask } from '../../validation/task.ts';
import { validateTaskGroup } from '../../validation/task-group.ts';
import type { Purse } from './accept.ts';
import { completeTask, forAgent, tasksOfGroup } from './normalize.ts';

/** One task: it and, if it is the first of its executor, the executor are charged and sent off. */
export function launch(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  asked: TaskInfo,
  purse: Purse,
): void {
  const task = completeTask(asked, framework.info);
  const unauthorized = reasonNotAuthorized(framework, task);
  const error = unauthorized ?? validateTask(task, framework, agent, available(purse));
  if (error !== undefined) {
    const reason = unauthorized ? 'REASON_TASK_UNAUTHORIZED' : 'REASON_TASK_INVALID';
    refuse(turn, framework, task, reason, error);
    return;
  }
  const launchExecutor = task.executor
    ? addExecutorOnce(turn, framework, agent, task.executor, purse)
    : true;
  addTask(turn, framework, agent, task);
  spend(purse, Resources.of(task.resources ?? []));
  log(turn, 'info', 'launching task', { taskId: task.taskId.value, agentId: agent.id });
  countOperation(framework, 'launch');
  send(turn, agent, 'RunTaskMessage', {
    framework: framework.info,
    pid: pidOf(framework),
    task: forAgent(agent, {
      ...task,
      ...(task.executor && { executor: forAgent(agent, task.executor) }),
    }),
    resourceVersionUuids: resourceVersions(agent),
    launchExecutor,
  });
}

/** All tasks or none: they share one executor, and one error is told of each. */
export function launchGroup(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  group: Offer.Operation.LaunchGroup,
  purse: Purse,
): void {
  const { executor } = group;
  const tasks = tasksOfGroup(group);
  const unauthorized = tasks
    .map((task) => reasonNotAuthorized(framework, task))
    .find((reason) => reason !== undefined);
  const error =
    unauthorized ?? validateTaskGroup({ tasks }, executor, framework, agent, purse.remaining);
  if (error !== undefined) {
    const reason = unauthorized ? 'REASON_TASK_GROUP_UNAUTHORIZED' : 'REASON_TASK_GROUP_INVALID';
    for (const task of tasks) refuse(turn, framework, task, reason, error);
    return;
  }
  if (tasks.length === 0) {
    // Its executor would run for nothing, until the framework ends.
    log(turn, 'warn', 'empty task group ignored', { frameworkId: framework.id });
    return;
  }
  const launchExecutor = addExecutorOnce(turn, framework, agent, executor, purse);
  for (const task of tasks) {
    addTask(turn, framework, agent, task);
    spend(purse, Resources.of(task.resources ?? []));
  }
  log(turn, 'info', 'launching task group', {
    taskIds: tasks.map(({ taskId }) => taskId.value),
    agentId: agent.id,
  });
  countOperation(framework, 'launch_group');
  send(turn, agent, 'RunTaskGroupMessage', {
    framework: framework.info,
    executor: forAgent(agent, executor),
    taskGroup: { tasks: tasks.map((task) => forAgent(agent, task)) },
    resourceVersionUuids: resourceVersions(agent),
    launchExecutor,
  });
}

function reasonNotAuthorized({ approvers, info }: Framework, task: TaskInfo): string | undefined {
  if (isApproved(approvers, mayRunTask(task, info))) return undefined;
  return `Principal '${info.principal ?? ''}' not authorized to launch task '${task.taskId.value}'`;
}

function refuse(
  turn: Turn,
  framework: Framework,
  { taskId, agentId }: TaskInfo,
  reason: TaskStatus.Reason,
  message: string,
): void {
  const frameworkId = { value: framework.id };
  refuseTask(turn, framework, {
    frameworkId,
    taskId,
    agentId,
    state: 'TASK_ERROR',
    reason,
    message,
  });
}

/** True when the agent has to start it. */
function addExecutorOnce(
  turn: Turn,
  framework: Framework,
  agent: Agent,
  info: ExecutorInfo,
  purse: Purse,
): boolean {
  if (findExecutor(agent, framework.id, info.executorId.value as ExecutorId)) return false;
  const record = executorRecord(info);
  addAgentExecutor(agent, framework.id, record);
  addFrameworkExecutor(turn.state, framework, agent.id, record);
  spend(purse, record.resources);
  return true;
}

/** A shared resource can be used by more tasks than copies of it were offered. */
function available({ remaining, shared }: Purse): Resources {
  return remaining.nonShared().add(shared);
}

function spend(purse: Purse, consumed: Resources): void {
  const additional = consumed.shared().subtract(purse.remaining.shared());
  if (!additional.isEmpty) {
    purse.conversions.push({ consumed: Resources.empty, converted: additional });
  }
  purse.remaining = purse.remaining.subtract(consumed);
  purse.launched = purse.launched.add(consumed);
}

/** What the master believes the agent's resources to be; an agent that knows better refuses. */
function resourceVersions(agent: Agent): ResourceVersionUUID[] {
  const versions: ResourceVersionUUID[] = [];
  if (agent.resourceVersion) versions.push({ uuid: agent.resourceVersion });
  for (const [value, { resourceVersion: uuid }] of agent.resourceProviders) {
    versions.push({ resourceProviderId: { value }, uuid });
  }
  return versions;
}
