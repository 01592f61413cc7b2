import type { AgentId, ExecutorId, FrameworkId, OfferId, TaskId } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { ExecutorInfo } from '@mesita/sdk/types';
import { uuidText } from '../../wire/uuid.ts';
import type { Agent, ExecutorRecord, OperationRecord } from './agent.ts';
import type { Framework } from './framework.ts';
import type { InverseOfferRecord, OfferRecord } from './offer.ts';
import { type MasterState, trackRole, untrackRole } from './state.ts';
import { holdsResources, type TaskRecord } from './task.ts';

/*
 * Who holds what. Everything is entered twice, with the agent and with the framework; a framework
 * may be unknown for a while after a failover, and then only the agent has the entry.
 */

export function addAgentTask(agent: Agent, record: TaskRecord): void {
  const frameworkId = record.task.frameworkId.value as FrameworkId;
  put(agent.tasks, frameworkId, record.task.taskId.value as TaskId, record);
  if (holdsResources(record.task.state)) plus(agent.used, frameworkId, record.resources);
}

export function addFrameworkTask(
  state: MasterState,
  framework: Framework,
  record: TaskRecord,
): void {
  framework.tasks.set(record.task.taskId.value as TaskId, record);
  if (holdsResources(record.task.state)) {
    chargeFramework(state, framework, record.task.agentId.value as AgentId, record.resources);
  }
}

/** The task no longer runs: what it held is free. */
export function freeTask(
  state: MasterState,
  agent: Agent | undefined,
  framework: Framework | undefined,
  record: TaskRecord,
): void {
  const agentId = record.task.agentId.value as AgentId;
  if (agent) minus(agent.used, record.task.frameworkId.value as FrameworkId, record.resources);
  if (framework) creditFramework(state, framework, agentId, record.resources);
}

export function deleteTask(
  agent: Agent,
  framework: Framework | undefined,
  record: TaskRecord,
): void {
  const frameworkId = record.task.frameworkId.value as FrameworkId;
  const taskId = record.task.taskId.value as TaskId;
  take(agent.tasks, frameworkId, taskId);
  agent.killedTasks.get(frameworkId)?.delete(taskId);
  if (agent.killedTasks.get(frameworkId)?.size === 0) agent.killedTasks.delete(frameworkId);
  framework?.tasks.delete(taskId);
}

export function rememberKill(agent: Agent, frameworkId: FrameworkId, taskId: TaskId): void {
  const killed = agent.killedTasks.get(frameworkId);
  if (killed) killed.add(taskId);
  else agent.killedTasks.set(frameworkId, new Set([taskId]));
}

export function addCompletedTask(framework: Framework, record: TaskRecord, max: number): void {
  framework.completedTasks.push(record);
  const excess = framework.completedTasks.length - max;
  if (excess > 0) framework.completedTasks.splice(0, excess);
}

/** A task thought to have ended is alive after all. */
export function dropCompletedTask(framework: Framework, taskId: TaskId): void {
  const isOther = ({ task }: TaskRecord) => task.taskId.value !== taskId;
  if (framework.completedTasks.every(isOther)) return;
  const kept = framework.completedTasks.filter(isOther);
  framework.completedTasks.splice(0, framework.completedTasks.length, ...kept);
}

export function addUnreachableTask(
  state: MasterState,
  framework: Framework,
  record: TaskRecord,
  max: number,
): void {
  const taskId = record.task.taskId.value as TaskId;
  dropUnreachableTask(state, framework, taskId);
  framework.unreachableTasks.set(taskId, record);
  put(state.unreachableTasks, record.task.agentId.value as AgentId, record, framework);
  for (const oldest of framework.unreachableTasks.keys()) {
    if (framework.unreachableTasks.size <= max) break;
    dropUnreachableTask(state, framework, oldest);
  }
}

export function dropUnreachableTask(
  state: MasterState,
  framework: Framework,
  taskId: TaskId,
): void {
  const record = framework.unreachableTasks.get(taskId);
  if (!record) return;
  framework.unreachableTasks.delete(taskId);
  take(state.unreachableTasks, record.task.agentId.value as AgentId, record);
}

/** That agent came back, or will not: its tasks are listed elsewhere, or nowhere. */
export function dropUnreachableTasksOn(state: MasterState, agentId: AgentId): void {
  for (const [{ task }, framework] of [...(state.unreachableTasks.get(agentId) ?? [])]) {
    dropUnreachableTask(state, framework, task.taskId.value as TaskId);
  }
}

export function executorRecord(info: ExecutorInfo): ExecutorRecord {
  return { info, resources: Resources.of(info.resources ?? []) };
}

export function findExecutor(
  agent: Agent,
  frameworkId: FrameworkId,
  executorId: ExecutorId,
): ExecutorRecord | undefined {
  return agent.executors.get(frameworkId)?.get(executorId);
}

export function addAgentExecutor(
  agent: Agent,
  frameworkId: FrameworkId,
  record: ExecutorRecord,
): void {
  put(agent.executors, frameworkId, record.info.executorId.value as ExecutorId, record);
  plus(agent.used, frameworkId, record.resources);
}

export function addFrameworkExecutor(
  state: MasterState,
  framework: Framework,
  agentId: AgentId,
  record: ExecutorRecord,
): void {
  put(framework.executors, agentId, record.info.executorId.value as ExecutorId, record);
  chargeFramework(state, framework, agentId, record.resources);
}

export function deleteExecutor(
  state: MasterState,
  agent: Agent,
  frameworkId: FrameworkId,
  framework: Framework | undefined,
  record: ExecutorRecord,
): void {
  const executorId = record.info.executorId.value as ExecutorId;
  take(agent.executors, frameworkId, executorId);
  minus(agent.used, frameworkId, record.resources);
  if (!framework || !take(framework.executors, agent.id, executorId)) return;
  creditFramework(state, framework, agent.id, record.resources);
}

export function addAgentOperation(agent: Agent, record: OperationRecord): void {
  agent.operations.set(operationKey(record), record);
}

export function addFrameworkOperation(framework: Framework, record: OperationRecord): void {
  const key = operationKey(record);
  const { id } = record.operation.info;
  framework.operations.set(key, record);
  if (id) framework.operationUuids.set(id.value, key);
}

export function deleteOperation(
  agent: Agent,
  framework: Framework | undefined,
  record: OperationRecord,
): void {
  const key = operationKey(record);
  const { id } = record.operation.info;
  agent.operations.delete(key);
  framework?.operations.delete(key);
  if (id && framework?.operationUuids.get(id.value) === key) {
    framework.operationUuids.delete(id.value);
  }
}

function operationKey({ operation: { uuid } }: OperationRecord): string {
  return uuidText(uuid.value);
}

export function addOffer(
  state: MasterState,
  framework: Framework,
  agent: Agent,
  record: OfferRecord,
): void {
  state.offers.set(record.id, record);
  framework.offers.add(record.id);
  agent.offers.add(record.id);
  agent.offered = agent.offered.add(record.resources);
  plus(framework.offered, agent.id, record.resources);
  framework.totalOffered = framework.totalOffered.add(record.resources);
}

export function deleteOffer(state: MasterState, record: OfferRecord): void {
  state.offers.delete(record.id);
  const framework = state.frameworks.registered.get(record.frameworkId);
  const agent = state.agents.registered.get(record.agentId);
  if (agent) {
    agent.offers.delete(record.id);
    agent.offered = agent.offered.subtract(record.resources);
  }
  if (!framework) return;
  framework.offers.delete(record.id);
  minus(framework.offered, record.agentId, record.resources);
  framework.totalOffered = framework.totalOffered.subtract(record.resources);
}

export function addInverseOffer(
  state: MasterState,
  framework: Framework,
  agent: Agent,
  record: InverseOfferRecord,
): void {
  state.inverseOffers.set(record.id, record);
  framework.inverseOffers.add(record.id);
  agent.inverseOffers.add(record.id);
}

export function deleteInverseOffer(state: MasterState, id: OfferId): void {
  const record = state.inverseOffers.get(id);
  if (!record) return;
  state.inverseOffers.delete(id);
  state.frameworks.registered.get(record.frameworkId)?.inverseOffers.delete(id);
  state.agents.registered.get(record.agentId)?.inverseOffers.delete(id);
}

function chargeFramework(
  state: MasterState,
  framework: Framework,
  agentId: AgentId,
  resources: Resources,
): void {
  plus(framework.used, agentId, resources);
  framework.totalUsed = framework.totalUsed.add(resources);
  for (const role of resources.allocations().keys()) trackRole(state, framework, role);
}

function creditFramework(
  state: MasterState,
  framework: Framework,
  agentId: AgentId,
  resources: Resources,
): void {
  minus(framework.used, agentId, resources);
  framework.totalUsed = framework.totalUsed.subtract(resources);
  for (const role of resources.allocations().keys()) untrackIdleRole(state, framework, role);
}

/** A framework that left a role stays listed there as long as it holds something of it. */
export function untrackIdleRole(state: MasterState, framework: Framework, role: string): void {
  if (framework.roles.has(role)) return;
  if (framework.totalUsed.allocations().has(role)) return;
  untrackRole(state, framework, role);
}

function plus<Key>(amounts: Map<Key, Resources>, key: Key, resources: Resources): void {
  amounts.set(key, (amounts.get(key) ?? Resources.empty).add(resources));
}

function minus<Key>(amounts: Map<Key, Resources>, key: Key, resources: Resources): void {
  const rest = (amounts.get(key) ?? Resources.empty).subtract(resources);
  if (rest.isEmpty) amounts.delete(key);
  else amounts.set(key, rest);
}

function put<Outer, Inner, Value>(
  map: Map<Outer, Map<Inner, Value>>,
  outer: Outer,
  inner: Inner,
  value: Value,
): void {
  const found = map.get(outer);
  if (found) found.set(inner, value);
  else map.set(outer, new Map([[inner, value]]));
}

function take<Outer, Inner, Value>(
  map: Map<Outer, Map<Inner, Value>>,
  outer: Outer,
  inner: Inner,
): boolean {
  const found = map.get(outer);
  if (!found?.delete(inner)) return false;
  if (found.size === 0) map.delete(outer);
  return true;
}
