import type { AgentId, ExecutorId, FrameworkId, Pid, TaskId } from '@mesita/sdk/base';
import { applyCheckpointedResources, Resources } from '@mesita/sdk/resources';
import type { ExecutorInfo, FrameworkInfo, Resource, Task } from '@mesita/sdk/types';
import { parsePid } from '../../../wire/pid.ts';
import { isTerminal } from '../../../wire/task-state.ts';
import type * as internal from '../../../wire/types/internal.ts';
import type { Agent } from '../agent.ts';
import {
  addAgent,
  capabilitiesOf,
  capabilityList,
  connectionTerms,
  createAgent,
  deactivateAgent,
  ownResources,
  reregistrationTimer,
  upgradeInfo,
} from '../agent-life.ts';
import { isApproved, mayRegisterAgent } from '../approvers.ts';
import { dropCompletedTask, dropUnreachableTask } from '../books.ts';
import { deepEqual } from '../deep-equal.ts';
import { finishDraining } from '../drain-life.ts';
import type {
  AgentAuthorized,
  AgentInfoUpdated,
  AgentReadmitted,
  ReregisterAgent,
} from '../events.ts';
import { rolesOf } from '../framework.ts';
import { pidOf, recoverFramework, removeExecutor } from '../framework-life.ts';
import { sendCheckpointed } from '../operation-life.ts';
import { count, findAgent, findFramework, isCompletedFramework, moveAgent } from '../state.ts';
import { lastKnownDetails, masterUpdate, pronounce, verdictOf } from '../task-life.ts';
import { allocate, log, send, type Turn } from '../turn.ts';
import { validateReregisterAgent } from '../validation/agent-messages.ts';
import { reasonToIgnore, reasonUnauthenticated } from './registration.ts';

/*
 * An agent comes back. Where from decides what the registry is asked:
 *
 *   registered here   (its link broke, or it restarted)   update if its info changed
 *   recovered         (this master took over)             update if its info changed
 *   unreachable, or forgotten                             mark reachable
 *   gone                                                  never: it is shut down
 */

export function reregisterAgent(turn: Turn, event: ReregisterAgent): void {
  const { agents } = turn.state;
  const id = event.message.agent.id?.value as AgentId;
  count(turn.state, 'master/messages_reregister_slave');
  if (agents.reregistering.has(id)) agents.reregistering.set(id, event);
  else begin(turn, event);
}

function begin(turn: Turn, event: ReregisterAgent): void {
  const { agents } = turn.state;
  const { from, principal, message } = event;
  const id = message.agent.id?.value as AgentId;
  if (agents.markingUnreachable.has(id)) {
    refuse(turn, event, 'it is being marked unreachable');
    return;
  }
  if (isGone(turn, event)) return;
  const error =
    reasonUnauthenticated(turn, principal) ??
    (id ? validateReregisterAgent(message) : 'it has no id');
  if (error !== undefined) {
    refuse(turn, event, error);
    return;
  }
  log(turn, 'info', 'agent re-registers', { agentId: id, pid: from });
  const request = { ...event, message: { ...message, agent: upgradeInfo(message.agent) } };
  agents.reregistering.set(id, request);
  turn.emit({ type: 'authorize', principal, then: { type: 'AgentAuthorized', request } });
}

export function reregistrationAuthorized(
  turn: Turn,
  { approvers }: AgentAuthorized,
  request: ReregisterAgent,
): void {
  const { agents } = turn.state;
  const { from, message } = request;
  const info = message.agent;
  const id = info.id?.value as AgentId;
  if (isOutdated(turn, request)) return;
  if (isGone(turn, request)) {
    agents.reregistering.delete(id);
    return;
  }
  const reason = isApproved(approvers, mayRegisterAgent)
    ? (reasonToIgnore(turn, from, info, message.version) ?? reasonToShutDown(turn, request))
    : 'it is not authorized';
  if (reason !== undefined) {
    agents.reregistering.delete(id);
    refuse(turn, request, reason);
    return;
  }
  const registered = agents.registered.get(id);
  if (registered) {
    const then = { type: 'AgentInfoUpdated', request } as const;
    if (deepEqual(registered.info, info)) agentInfoUpdated(turn, { ...then, mutated: false });
    else turn.emit({ type: 'persist', operation: { type: 'UpdateAgent', info }, then });
    return;
  }
  const then = { type: 'AgentReadmitted', request } as const;
  const recovered = agents.recovered.get(id);
  if (recovered && deepEqual(upgradeInfo(recovered.info), info)) {
    agentReadmitted(turn, { ...then, mutated: false });
  } else {
    const type = recovered ? 'UpdateAgent' : 'MarkAgentReachable';
    turn.emit({ type: 'persist', operation: { type, info }, then });
  }
}

/**
 * The agent has sent another message meanwhile, from another address perhaps and with other tasks:
 * that one takes the place of this one, which has changed nothing but the registry.
 */
function isOutdated(turn: Turn, request: ReregisterAgent): boolean {
  const { reregistering } = turn.state.agents;
  const id = request.message.agent.id?.value as AgentId;
  const newest = reregistering.get(id);
  if (newest === request || newest === undefined) return false;
  reregistering.delete(id);
  begin(turn, newest);
  return true;
}

function reasonToShutDown(turn: Turn, request: ReregisterAgent): string | undefined {
  const { from, message } = request;
  const known = findAgent(turn.state, message.agent.id);
  const own = ownResources(message);
  const reason = known ? reasonNotMoved(known, request) : own.ok ? undefined : own.error;
  if (reason !== undefined) send(turn, from, 'ShutdownMessage', { message: reason });
  return reason;
}

/** Maintenance is by machine, so an agent may not move to another one. */
function reasonNotMoved(known: Agent, { from, message }: ReregisterAgent): string | undefined {
  const isSameMachine =
    parsePid(known.pid)?.ip === parsePid(from)?.ip &&
    known.info.hostname === message.agent.hostname;
  return isSameMachine ? undefined : 'Agent attempted to reregister with different IP / hostname';
}

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
  forgetUnreachableTasks(turn, id);
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
    dropUnreachableTask(framework, taskId);
    dropCompletedTask(framework, taskId);
  }
  const message = wasUnreachable
    ? 'Unreachable agent re-reregistered'
    : 'Unknown agent reregistered';
  const verdict = verdictOf(task, task.state, 'REASON_AGENT_REREGISTERED', message);
  pronounce(turn, framework, masterUpdate(turn, { ...verdict, details: lastKnownDetails(task) }));
}

function forgetUnreachableTasks(turn: Turn, agentId: AgentId): void {
  for (const framework of turn.state.frameworks.registered.values()) {
    for (const [taskId, { task }] of [...framework.unreachableTasks]) {
      if (task.agentId.value === agentId) dropUnreachableTask(framework, taskId);
    }
  }
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

/** Was registered here all the time: both sides compare what they know. */
export function agentInfoUpdated(turn: Turn, { request }: AgentInfoUpdated): void {
  const { state } = turn;
  const { from, message } = request;
  if (isOutdated(turn, request)) return;
  state.agents.reregistering.delete(message.agent.id?.value as AgentId);
  if (isGone(turn, request)) return;
  const agent = findAgent(state, message.agent.id);
  if (!agent) {
    refuse(turn, request, 'it was removed meanwhile');
    return;
  }
  moveAgent(state, agent, from);
  turn.emit({ type: 'link', pid: from });
  const error = takeOver(turn, agent, message);
  if (error !== undefined) {
    refuse(turn, request, error);
    send(turn, from, 'ShutdownMessage', { message: error });
    return;
  }
  reconcileTasks(turn, agent, message);
  if (!agent.connected) {
    turn.emit({ type: 'cancelTimer', id: reregistrationTimer(agent.id) });
    agent.connected = true;
    if (!agent.deactivated) {
      agent.active = true;
      allocate(turn, 'activateAgent', agent.id);
    }
  }
  sendDrain(turn, agent);
  exchangeFrameworks(turn, agent, message.frameworks ?? []);
  if (!agent.capabilities.has('RESOURCE_PROVIDER')) sendCheckpointed(turn, agent);
}

function takeOver(
  turn: Turn,
  agent: Agent,
  message: internal.ReregisterSlaveMessage,
): string | undefined {
  const checkpointed = agent.capabilities.has('RESOURCE_PROVIDER')
    ? Resources.of(message.checkpointedResources ?? [])
    : agent.checkpointed;
  const own = applyCheckpointedResources(Resources.of(message.agent.resources ?? []), checkpointed);
  if (!own.ok) return own.error;
  const fromElsewhere = agent.total.filter(
    ({ revocable, providerId }) => revocable !== undefined || providerId !== undefined,
  );
  agent.info = message.agent;
  agent.version = message.version ?? '';
  agent.capabilities = capabilitiesOf(message.agentCapabilities);
  agent.resourceVersion = message.resourceVersionUuid;
  agent.checkpointed = checkpointed;
  agent.total = own.value.add(fromElsewhere);
  agent.reregisteredAt = turn.now;
  count(turn.state, 'master/slave_reregistrations');
  allocate(turn, 'updateAgent', agent.id, agent.info, agent.total, capabilityList(agent));
  return undefined;
}

function reconcileTasks(
  turn: Turn,
  agent: Agent,
  { tasks = [], executorInfos = [] }: internal.ReregisterSlaveMessage,
): void {
  const reported = new Set(tasks.map((task) => key(task.frameworkId.value, task.taskId.value)));
  send(turn, agent, 'SlaveReregisteredMessage', {
    agentId: { value: agent.id },
    connection: connectionTerms(turn),
    reconciliations: missingTasks(turn, agent, reported),
  });
  const running = new Set(
    executorInfos.map((info) => key(info.frameworkId?.value, info.executorId.value)),
  );
  for (const [frameworkId, executors] of [...agent.executors]) {
    for (const [executorId, executor] of [...executors]) {
      if (running.has(key(frameworkId, executorId))) continue;
      removeExecutor(turn, agent.id, frameworkId, executor);
    }
  }
  for (const { frameworkId, taskId, state } of tasks) {
    const id = frameworkId.value as FrameworkId;
    const isKilled = agent.killedTasks.get(id)?.has(taskId.value as TaskId) ?? false;
    // Told to its framework as lost when the connection broke, so it must not go on.
    const isGivenUp = !agent.tasks.get(id)?.has(taskId.value as TaskId);
    if (isTerminal(state) || !(isKilled || isGivenUp)) continue;
    send(turn, agent, 'KillTaskMessage', { frameworkId, taskId });
  }
  for (const { frameworkId, executorId } of executorInfos) {
    const isKnown = agent.executors
      .get(frameworkId?.value as FrameworkId)
      ?.has(executorId.value as ExecutorId);
    if (!isKnown) send(turn, agent, 'ShutdownExecutorMessage', { frameworkId, executorId });
  }
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
  reported: ReadonlySet<string>,
): internal.ReconcileTasksMessage[] {
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

/** The agent learns where its frameworks are now; the master, of frameworks it does not know. */
function exchangeFrameworks(turn: Turn, agent: Agent, infos: readonly FrameworkInfo[]): void {
  for (const info of infos) {
    const framework = findFramework(turn.state, info.id);
    if (framework) {
      send(turn, agent, 'UpdateFrameworkMessage', {
        frameworkId: { value: framework.id },
        frameworkInfo: framework.info,
        pid: pidOf(framework),
      });
    } else if (!isCompletedFramework(turn.state, info.id)) {
      recoverFramework(turn, info);
    }
  }
}

function sendDrain(turn: Turn, agent: Agent): void {
  if (!agent.drain) return;
  send(turn, agent, 'DrainSlaveMessage', { config: agent.drain.config });
  // Others tell of their operations first, in the update that follows.
  if (!agent.capabilities.has('RESOURCE_PROVIDER')) finishDraining(turn, agent);
}

function isGone(turn: Turn, request: ReregisterAgent): boolean {
  const { agents } = turn.state;
  const id = request.message.agent.id?.value as AgentId;
  if (agents.gone.has(id)) {
    refuse(turn, request, 'it was marked gone');
    send(turn, request.from, 'ShutdownMessage', { message: 'Agent has been marked gone' });
    return true;
  }
  if (!agents.markingGone.has(id)) return false;
  refuse(turn, request, 'it is being marked gone');
  return true;
}

function key(
  frameworkId: FrameworkId | string | undefined,
  id: ExecutorId | TaskId | string,
): string {
  return `${frameworkId}/${id}`;
}

function refuse(turn: Turn, { from, message }: ReregisterAgent, reason: string): void {
  const pid: Pid = from;
  log(turn, 'warn', 'agent re-registration refused', {
    pid,
    agentId: message.agent.id?.value,
    reason,
  });
}
