import type { AgentId, FrameworkId, Pid } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { Task, TaskInfo, TaskState, TaskStatus } from '@mesita/sdk/types';
import type { AgentID, ExecutorID, FrameworkID, TaskID } from '@mesita/sdk/types/mesos';
import { isTerminal } from '../../wire/task-state.ts';
import type * as internal from '../../wire/types/internal.ts';
import type { Agent } from './agent.ts';
import {
  addAgentTask,
  addCompletedTask,
  addFrameworkTask,
  addUnreachableTask,
  deleteTask,
  freeTask,
} from './books.ts';
import { countOf, type Framework, isConnected } from './framework.ts';
import { tellUpdate } from './framework-events.ts';
import { count, findAgent, findFramework } from './state.ts';
import { holdsResources, type TaskRecord } from './task.ts';
import { allocate, log, type Turn } from './turn.ts';

function taskOf(info: TaskInfo, frameworkId: FrameworkID, state: TaskState): Task {
  const user = info.command?.user ?? info.executor?.command?.user;
  return {
    name: info.name,
    taskId: info.taskId,
    frameworkId,
    executorId: info.executor?.executorId,
    agentId: info.agentId,
    state,
    resources: info.resources,
    labels: info.labels,
    discovery: info.discovery,
    container: info.container,
    user,
    healthCheck: info.healthCheck,
    killPolicy: info.killPolicy,
    limits: info.limits,
  };
}

export function taskRecord(task: Task): TaskRecord {
  return { task, resources: Resources.of(task.resources ?? []) };
}

export function addTask(turn: Turn, framework: Framework, agent: Agent, info: TaskInfo): void {
  const record = taskRecord(taskOf(info, { value: framework.id }, 'TASK_STAGING'));
  addAgentTask(agent, record);
  enterTask(turn, framework, record);
}

/** Into the framework's books: a new task, or one that an agent came back with. */
export function enterTask(turn: Turn, framework: Framework, record: TaskRecord): void {
  addFrameworkTask(turn.state, framework, record);
  turn.emit({
    type: 'publishOperator',
    event: { type: 'TASK_ADDED', task: record.task, framework: framework.info },
  });
}

type Details = Pick<TaskStatus, 'healthy' | 'checkStatus' | 'containerStatus' | 'unreachableTime'>;

/** What the master itself has to say about a task. It carries no uuid: nobody acknowledges it. */
export interface MasterVerdict {
  readonly frameworkId: FrameworkID;
  readonly taskId: TaskID;
  readonly agentId?: AgentID | undefined;
  readonly executorId?: ExecutorID | undefined;
  readonly state: TaskState;
  readonly reason: TaskStatus.Reason;
  readonly message: string;
  /** Carried over from the task's own statuses, or when its agent became unreachable. */
  readonly details?: Details | undefined;
}

export function masterUpdate(turn: Turn, verdict: MasterVerdict): internal.StatusUpdate {
  const { frameworkId, taskId, agentId, executorId, state, reason, message, details } = verdict;
  const timestamp = turn.now / 1000;
  return {
    frameworkId,
    executorId,
    agentId,
    timestamp,
    status: {
      taskId,
      state,
      message,
      source: 'SOURCE_MASTER',
      reason,
      ...(agentId && { agentId }),
      timestamp,
      ...details,
    },
  };
}

export function verdictOf(
  task: Task,
  state: TaskState,
  reason: TaskStatus.Reason,
  message: string,
): MasterVerdict {
  const { frameworkId, taskId, agentId, executorId } = task;
  return { frameworkId, taskId, agentId, executorId, state, reason, message };
}

/** Health, check and container of the newest status that has them, for updates without news. */
export function lastKnownDetails(task: Task): Details {
  const statuses = task.statuses ?? [];
  const last = statuses.at(-1);
  const containerStatus = statuses.findLast((status) => status.containerStatus)?.containerStatus;
  return {
    ...(last?.healthy !== undefined && { healthy: last.healthy }),
    ...(last?.checkStatus && { checkStatus: last.checkStatus }),
    ...(containerStatus && { containerStatus }),
  };
}

/** Hands an update to its framework. An agent's update is what a reconciliation answers next. */
export function forwardUpdate(
  turn: Turn,
  framework: Framework,
  update: internal.StatusUpdate,
  acknowledgee?: Pid,
): void {
  const record = framework.tasks.get(update.status.taskId.value as never);
  if (record && update.uuid?.length) {
    record.task = {
      ...record.task,
      statusUpdateState: update.status.state,
      statusUpdateUuid: update.status.uuid ?? update.uuid,
    };
  }
  tellUpdate(turn, framework, update, acknowledgee);
}

/** Tells, when there is somebody to tell, and counts. */
export function pronounce(
  turn: Turn,
  framework: Framework | undefined,
  update: internal.StatusUpdate,
): void {
  if (framework && isConnected(framework)) forwardUpdate(turn, framework, update);
  else log(turn, 'warn', 'update dropped, its framework is not connected', describe(update));
}

/**
 * Takes an update into the books. `latestState` is where the task is by now, `status` what is told
 * next: an agent may be several updates ahead of its framework. What a task held is free as soon
 * as it has ended, although its framework hears of it later.
 */
export function updateTask(turn: Turn, record: TaskRecord, update: internal.StatusUpdate): void {
  const { status } = update;
  const before = record.task;
  const latest = update.latestState ?? status.state;
  const isFreed = holdsResources(before.state) && !holdsResources(latest);
  const statuses = [...(before.statuses ?? [])];
  const isNewState = statuses.at(-1)?.state !== status.state;
  if (!isNewState) statuses.pop();
  const { data: _, ...kept } = status;
  statuses.push(kept);
  record.task = { ...before, state: isTerminal(before.state) ? before.state : latest, statuses };

  const framework = findFramework(turn.state, before.frameworkId);
  if (framework && !isTerminal(before.state) && isTerminal(latest)) {
    countOf(framework, `tasks/terminal/${latest.toLowerCase()}`);
  }
  if (framework && (isNewState || isCheck(status))) {
    turn.emit({
      type: 'publishOperator',
      event: { type: 'TASK_UPDATED', task: record.task, status, framework: framework.info },
    });
  }
  if (!isFreed) return;
  release(turn, record);
  countEnd(turn, { ...status, state: latest });
}

/** What it held is free, and may be offered. */
function release(turn: Turn, record: TaskRecord): void {
  const { state } = turn;
  const { frameworkId, agentId } = record.task;
  freeTask(state, findAgent(state, agentId), findFramework(state, frameworkId), record);
  allocate(
    turn,
    'recoverResources',
    frameworkId.value as FrameworkId,
    agentId.value as AgentId,
    record.resources,
    undefined,
    true,
  );
}

function isCheck({ reason }: TaskStatus): boolean {
  return (
    reason === 'REASON_TASK_CHECK_STATUS_UPDATED' ||
    reason === 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED'
  );
}

/** Ended tasks go to the completed ones, those of unreachable agents wait for their return. */
export function removeTask(turn: Turn, record: TaskRecord, isUnreachable = false): void {
  // An agent said that it ended, and that it goes on: what it held must not be lost for that.
  if (holdsResources(record.task.state)) release(turn, record);
  const agent = findAgent(turn.state, record.task.agentId);
  const framework = findFramework(turn.state, record.task.frameworkId);
  if (agent) deleteTask(agent, framework, record);
  if (!framework) return;
  const { maxUnreachableTasksPerFramework, maxCompletedTasksPerFramework } = turn.config;
  if (isUnreachable) {
    addUnreachableTask(turn.state, framework, record, maxUnreachableTasksPerFramework);
  } else {
    addCompletedTask(framework, record, maxCompletedTasksPerFramework);
  }
}

/** A launch that was refused before there was a task. */
export function refuseTask(turn: Turn, framework: Framework, verdict: MasterVerdict): void {
  const update = masterUpdate(turn, verdict);
  countEnd(turn, update.status);
  forwardUpdate(turn, framework, update);
}

function countEnd(turn: Turn, { state, source, reason }: TaskStatus): void {
  if (isTerminal(state))
    count(turn.state, `master/${state.toLowerCase().replace('task_', 'tasks_')}`);
  if (reason === undefined) return;
  // Metrics keep the words of v0.
  const words = [state, source ?? 'SOURCE_MASTER', reason].map((word) =>
    word.toLowerCase().replace('agent', 'slave'),
  );
  count(turn.state, `master/${words.join('/')}`);
}

function describe({ frameworkId, status }: internal.StatusUpdate): Record<string, unknown> {
  return {
    frameworkId: frameworkId.value,
    taskId: status.taskId.value,
    state: status.state,
    message: status.message,
  };
}
