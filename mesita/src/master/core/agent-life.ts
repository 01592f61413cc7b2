import type { AgentId, FrameworkId, Pid } from '@mesita/sdk/base';
import { err, ok, type Result } from '@mesita/sdk/base';
import { applyCheckpointedResources, Resources, toPostRefinement } from '@mesita/sdk/resources';
import type { AgentInfo, ExecutorInfo, Task } from '@mesita/sdk/types';
import { parsePid } from '../../wire/pid.ts';
import type * as internal from '../../wire/types/internal.ts';
import type { Agent } from './agent.ts';
import {
  addAgentExecutor,
  addAgentTask,
  addCompletedTask,
  addFrameworkExecutor,
  executorRecord,
} from './books.ts';
import type { Framework } from './framework.ts';
import { removeExecutor } from './framework-removal.ts';
import {
  inverseOffersAmong,
  offersAmong,
  rescindOffer,
  withdrawInverseOffer,
} from './offer-life.ts';
import { findFramework, insertAgent, machineOf, newObserver } from './state.ts';
import {
  enterTask,
  masterUpdate,
  pronounce,
  removeTask,
  taskRecord,
  updateTask,
  verdictOf,
} from './task-life.ts';
import { allocate, log, send, type Turn } from './turn.ts';

export function reregistrationTimer(id: AgentId): string {
  return `reregistration ${id}`;
}

export function pingTimer(agent: Agent): string {
  return `ping ${agent.observer}`;
}

/** Resources in the one format that is used inside, whatever the agent's version speaks. */
export function upgradeInfo(info: AgentInfo): AgentInfo {
  return info.resources ? { ...info, resources: info.resources.map(toPostRefinement) } : info;
}

export function capabilitiesOf(
  capabilities: readonly AgentInfo.Capability[] | undefined,
): ReadonlySet<AgentInfo.Capability.Type> {
  return new Set((capabilities ?? []).flatMap(({ type }) => (type === undefined ? [] : [type])));
}

type Registration = internal.RegisterSlaveMessage | internal.ReregisterSlaveMessage;

/** An error when the checkpointed resources cannot be made from the agent's own. */
export function ownResources({
  agent,
  checkpointedResources = [],
}: Pick<Registration, 'agent' | 'checkpointedResources'>): Result<Resources> {
  return applyCheckpointedResources(
    Resources.of(agent.resources ?? []),
    Resources.of(checkpointedResources),
  );
}

/** Fails as `ownResources` does. */
export function createAgent(turn: Turn, pid: Pid, message: Registration): Result<Agent> {
  const info = upgradeInfo(message.agent);
  const total = ownResources(message);
  if (!total.ok) return err(total.error);
  return ok({
    id: info.id?.value as AgentId,
    info,
    pid,
    machineId: { hostname: info.hostname, ip: parsePid(pid)?.ip },
    version: message.version ?? '',
    capabilities: capabilitiesOf(message.agentCapabilities),
    registeredAt: turn.now,
    connected: true,
    active: true,
    deactivated: false,
    total: total.value,
    checkpointed: Resources.of(message.checkpointedResources ?? []),
    resourceVersion: message.resourceVersionUuid,
    resourceProviders: new Map(),
    used: new Map(),
    offered: Resources.empty,
    tasks: new Map(),
    executors: new Map(),
    killedTasks: new Map(),
    operations: new Map(),
    offers: new Set(),
    inverseOffers: new Set(),
    observer: newObserver(turn.state),
    missedPings: 0,
  });
}

/** What a returning agent brings. Frameworks that are not known yet take theirs when they are. */
interface Belongings {
  readonly tasks: readonly Task[];
  readonly executors: readonly ExecutorInfo[];
  readonly completed: readonly internal.Archive.Framework[];
}

export const nothing: Belongings = { tasks: [], executors: [], completed: [] };

export function addAgent(turn: Turn, agent: Agent, belongings: Belongings): void {
  const { state, config } = turn;
  insertAgent(state, agent);
  turn.emit({ type: 'link', pid: agent.pid });
  turn.emit({ type: 'spawnProcess', id: agent.observer });
  ping(turn, agent);
  for (const info of belongings.executors) {
    const record = executorRecord(info);
    addAgentExecutor(agent, info.frameworkId?.value as FrameworkId, record);
    const framework = findFramework(state, info.frameworkId);
    if (framework) addFrameworkExecutor(state, framework, agent.id, record);
  }
  for (const task of belongings.tasks) {
    const record = taskRecord(task);
    addAgentTask(agent, record);
    const framework = findFramework(state, task.frameworkId);
    if (framework) enterTask(turn, framework, record);
  }
  for (const { frameworkInfo, tasks = [] } of belongings.completed) {
    const framework = findFramework(state, frameworkInfo.id);
    if (!framework) continue;
    for (const task of tasks) {
      // It holds nothing any more, and what it says it held was not validated.
      const record = { task, resources: Resources.empty };
      addCompletedTask(framework, record, config.maxCompletedTasksPerFramework);
    }
  }
  allocate(
    turn,
    'addAgent',
    agent.id,
    agent.info,
    capabilityList(agent),
    machineOf(state, agent)?.unavailability,
    agent.total,
    new Map(agent.used),
  );
  turn.emit({ type: 'publishOperator', event: { type: 'AGENT_ADDED', agent } });
}

export function capabilityList(agent: Agent): AgentInfo.Capability[] {
  return [...agent.capabilities].map((type) => ({ type }));
}

/** How long an agent waits for pings before it registers anew. */
export function connectionTerms(turn: Turn): internal.MasterSlaveConnection {
  const { agentPingTimeoutMs, maxAgentPingTimeouts } = turn.config;
  return { totalPingTimeoutSeconds: (agentPingTimeoutMs * maxAgentPingTimeouts) / 1000 };
}

export function ping(turn: Turn, agent: Agent): void {
  agent.missedPings += 1;
  send(turn, agent, 'PingSlaveMessage', { connected: agent.connected }, agent.observer);
  turn.emit({
    type: 'setTimer',
    id: pingTimer(agent),
    delayMs: turn.config.agentPingTimeoutMs,
    then: { type: 'PingTimedOut', agentId: agent.id, observer: agent.observer },
  });
}

/** No offers of this agent for now; outstanding ones are taken back. */
export function deactivateAgent(turn: Turn, agent: Agent): void {
  agent.active = false;
  allocate(turn, 'deactivateAgent', agent.id);
  for (const offer of offersAmong(turn, agent.offers)) rescindOffer(turn, offer);
  for (const offer of inverseOffersAmong(turn, agent.inverseOffers)) {
    withdrawInverseOffer(turn, offer, true);
  }
}

/**
 * The connection broke. Tasks of checkpointing frameworks survive an agent's restart, and wait;
 * those of the others are lost with the agent's process.
 */
export function disconnectAgent(turn: Turn, agent: Agent): void {
  log(turn, 'info', 'agent disconnected', { agentId: agent.id });
  agent.connected = false;
  deactivateAgent(turn, agent);
  for (const frameworkId of new Set([...agent.tasks.keys(), ...agent.executors.keys()])) {
    const framework = findFramework(turn.state, { value: frameworkId });
    if (framework && !framework.info.checkpoint) evict(turn, agent, framework);
  }
  turn.emit({
    type: 'setTimer',
    id: reregistrationTimer(agent.id),
    delayMs: turn.config.agentReregisterTimeoutMs,
    then: { type: 'ReregistrationTimedOut', agentId: agent.id },
  });
}

function evict(turn: Turn, agent: Agent, framework: Framework): void {
  for (const record of [...(agent.tasks.get(framework.id)?.values() ?? [])]) {
    const message = `Agent ${agent.info.hostname} disconnected`;
    const update = masterUpdate(
      turn,
      verdictOf(record.task, 'TASK_LOST', 'REASON_AGENT_DISCONNECTED', message),
    );
    updateTask(turn, record, update);
    removeTask(turn, record);
    pronounce(turn, framework, update);
  }
  for (const executor of [...(agent.executors.get(framework.id)?.values() ?? [])]) {
    removeExecutor(turn, agent.id, framework.id, executor);
  }
}
