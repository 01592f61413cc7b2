import type { AgentId, FrameworkId, Instant, OfferId, Pid } from '@mesita/sdk/base';
import type { Quota } from '@mesita/sdk/module';
import type {
  MachineID,
  MachineInfo,
  MasterInfo,
  maintenance,
  TimeInfo,
  WeightInfo,
} from '@mesita/sdk/types';
import type { AgentID, FrameworkID } from '@mesita/sdk/types/mesos';
import type { Agent, RecoveredAgent } from './agent.ts';
import type { MasterConfig } from './config.ts';
import type { ReregisterAgent } from './events.ts';
import type { Framework } from './framework.ts';
import type { InverseOfferRecord, OfferRecord } from './offer.ts';
import type { WholeRegistry } from './registry/whole.ts';
import type { TaskRecord } from './task.ts';
import { toInstant } from './turn.ts';
import type { PendingRemoval } from './unreachable.ts';

export type * from './agent.ts';
export type * from './framework.ts';
export type * from './offer.ts';
export type * from './task.ts';

interface UnreachableAgent {
  readonly since: TimeInfo;
  readonly deactivated: boolean;
  readonly drain?: RecoveredAgent['drain'];
}

/**
 * The books of a master. Only this file and `books.ts` change the maps; everybody may read. The
 * sets of changes under way belong to the handlers of those changes. An agent is in at most one of
 * `registered`, `recovered`, `unreachable` and `gone`; `removed` remembers who left `registered`.
 */
export interface MasterState {
  readonly info: MasterInfo;
  readonly startedAt: Instant;
  electedAt?: Instant | undefined;
  leader?: MasterInfo | undefined;
  /** The registry was read: agents and frameworks are served. */
  recovered: boolean;

  readonly agents: {
    readonly registered: Map<AgentId, Agent>;
    readonly byPid: Map<Pid, Agent>;
    readonly byObserver: Map<string, Agent>;
    readonly recovered: Map<AgentId, RecoveredAgent>;
    readonly unreachable: Map<AgentId, UnreachableAgent>;
    readonly gone: Map<AgentId, TimeInfo>;
    /** Bounded, the oldest go. */
    readonly removed: Set<AgentId>;
    // Waiting for the registry: what comes meanwhile is dropped, and agents send it again.
    readonly registering: Set<Pid>;
    /** With the newest message of each: it is the one that counts. */
    readonly reregistering: Map<AgentId, ReregisterAgent>;
    readonly removing: Set<AgentId>;
    readonly markingUnreachable: Set<AgentId>;
    readonly markingGone: Set<AgentId>;
    /** Who is to be marked unreachable when the rate allows it, in order. */
    readonly removals: Map<AgentId, PendingRemoval>;
  };
  readonly frameworks: {
    readonly registered: Map<FrameworkId, Framework>;
    /** Bounded, oldest first. */
    readonly completed: Map<FrameworkId, Framework>;
    /** Roles with subscribed frameworks, or with frameworks that still hold something there. */
    readonly roles: Map<string, Set<FrameworkId>>;
    /** Away, or not heard of since a failover: until when the registry says that they may return. */
    readonly expected: Map<FrameworkId, Instant>;
  };
  /** Those of registered frameworks, by the agent that they were on. */
  readonly unreachableTasks: Map<AgentId, Map<TaskRecord, Framework>>;
  readonly offers: Map<OfferId, OfferRecord>;
  readonly inverseOffers: Map<OfferId, InverseOfferRecord>;

  readonly weights: Map<string, number>;
  readonly quotas: Map<string, Quota>;
  /** Machines with a maintenance mode or window, by `machineKey`. */
  readonly machines: Map<string, MachineInfo>;
  schedules: readonly maintenance.Schedule[];

  /** By the names of `/metrics/snapshot`; gauges are computed from the rest. */
  readonly counters: Map<string, number>;
  readonly next: {
    agent: number;
    framework: number;
    offer: number;
    observer: number;
    /** When the rate allows the next removal. */
    removalAt: Instant;
  };
}

const maxRemovedAgents = 100_000;

export function createState(config: MasterConfig, now: Instant): MasterState {
  return {
    info: config.info,
    startedAt: now,
    recovered: false,
    agents: {
      registered: new Map(),
      byPid: new Map(),
      byObserver: new Map(),
      recovered: new Map(),
      unreachable: new Map(),
      gone: new Map(),
      removed: new Set(),
      registering: new Set(),
      reregistering: new Map(),
      removing: new Set(),
      markingUnreachable: new Set(),
      markingGone: new Set(),
      removals: new Map(),
    },
    frameworks: {
      registered: new Map(),
      completed: new Map(),
      roles: new Map(),
      expected: new Map(),
    },
    unreachableTasks: new Map(),
    offers: new Map(),
    inverseOffers: new Map(),
    weights: new Map(config.weights ?? []),
    quotas: new Map(),
    machines: new Map(),
    schedules: [],
    counters: new Map(),
    next: { agent: 0, framework: 0, offer: 0, observer: 1, removalAt: now },
  };
}

export function findAgent(state: MasterState, id: AgentID | undefined): Agent | undefined {
  return id && state.agents.registered.get(id.value as AgentId);
}

export function findFramework(
  state: MasterState,
  id: FrameworkID | undefined,
): Framework | undefined {
  return id && state.frameworks.registered.get(id.value as FrameworkId);
}

export function isCompletedFramework(state: MasterState, id: FrameworkID | undefined): boolean {
  return id !== undefined && state.frameworks.completed.has(id.value as FrameworkId);
}

export function newAgentId(state: MasterState): AgentId {
  return `${state.info.id}-S${state.next.agent++}` as AgentId;
}

export function newFrameworkId(state: MasterState): FrameworkId {
  return `${state.info.id}-${String(state.next.framework++).padStart(4, '0')}` as FrameworkId;
}

/** Offers and inverse offers draw from one sequence. */
export function newOfferId(state: MasterState): OfferId {
  return `${state.info.id}-O${state.next.offer++}` as OfferId;
}

export function newObserver(state: MasterState): string {
  return `slave-observer(${state.next.observer++})`;
}

export function count(state: MasterState, name: string, by = 1): void {
  state.counters.set(name, (state.counters.get(name) ?? 0) + by);
}

/** Under which a machine is kept; that of ids which name the same one is equal. */
export function machineKey({ hostname, ip }: MachineID): string {
  return `${hostname?.toLowerCase() ?? ''}|${ip ?? ''}`;
}

export function machineOf(state: MasterState, agent: Agent): MachineInfo | undefined {
  return state.machines.get(machineKey(agent.machineId));
}

export function insertAgent(state: MasterState, agent: Agent): void {
  const { agents } = state;
  agents.registered.set(agent.id, agent);
  agents.byPid.set(agent.pid, agent);
  agents.byObserver.set(agent.observer, agent);
  agents.recovered.delete(agent.id);
  agents.unreachable.delete(agent.id);
  agents.removed.delete(agent.id);
}

export function deleteAgent(state: MasterState, agent: Agent): void {
  const { agents } = state;
  agents.registered.delete(agent.id);
  if (agents.byPid.get(agent.pid) === agent) agents.byPid.delete(agent.pid);
  agents.byObserver.delete(agent.observer);
  agents.removed.add(agent.id);
  for (const oldest of agents.removed) {
    if (agents.removed.size <= maxRemovedAgents) break;
    agents.removed.delete(oldest);
  }
}

/** Once, at the start. Weights of the flag stay when the registry has none. */
export function loadRegistry(
  state: MasterState,
  registry: WholeRegistry,
  quotas: ReadonlyMap<string, Quota>,
): void {
  const { agents } = state;
  for (const { info, deactivated = false, drainInfo: drain } of registry.agents?.agents ?? []) {
    if (info.id) agents.recovered.set(info.id.value as AgentId, { info, deactivated, drain });
  }
  for (const { id, timestamp, deactivated = false, drainInfo: drain } of registry.unreachable
    ?.agents ?? []) {
    agents.unreachable.set(id.value as AgentId, { since: timestamp, deactivated, drain });
  }
  for (const { id, timestamp } of registry.gone?.agents ?? []) {
    agents.gone.set(id.value as AgentId, timestamp);
  }
  for (const { info } of registry.machines?.machines ?? []) {
    state.machines.set(machineKey(info.id), info);
  }
  for (const { id, until } of registry.frameworks ?? []) {
    state.frameworks.expected.set(id.value as FrameworkId, toInstant(until));
  }
  state.schedules = registry.schedules ?? [];
  for (const [role, quota] of quotas) state.quotas.set(role, quota);
  const weights = registry.weights ?? [];
  if (weights.length > 0) state.weights.clear();
  for (const { info } of weights) state.weights.set(info.role ?? '*', info.weight);
}

/** Undefined: nothing is planned for it any more. */
export function setMachine(
  state: MasterState,
  key: string,
  machine: MachineInfo | undefined,
): void {
  if (machine) state.machines.set(key, machine);
  else state.machines.delete(key);
}

export function setSchedule(state: MasterState, schedule: maintenance.Schedule | undefined): void {
  state.schedules = schedule ? [schedule] : [];
}

export function setWeights(state: MasterState, weights: readonly WeightInfo[]): void {
  for (const { role = '*', weight } of weights) state.weights.set(role, weight);
}

/** A role whose quota was taken back stays listed with none. */
export function setQuota(state: MasterState, role: string, quota: Quota): void {
  state.quotas.set(role, quota);
}

interface Standing {
  readonly deactivated: boolean;
  readonly drain?: RecoveredAgent['drain'];
}

/** What an operator said of an agent that the registry knows and that is not gone. */
export function standingOf({ agents }: MasterState, id: AgentId): Standing | undefined {
  return agents.registered.get(id) ?? agents.recovered.get(id) ?? agents.unreachable.get(id);
}

export function setStanding({ agents }: MasterState, id: AgentId, standing: Standing): void {
  const { deactivated, drain } = standing;
  const agent = agents.registered.get(id);
  const recovered = agents.recovered.get(id);
  const unreachable = agents.unreachable.get(id);
  if (agent) {
    agent.deactivated = deactivated;
    agent.drain = drain;
  }
  if (recovered) agents.recovered.set(id, { ...recovered, deactivated, drain });
  if (unreachable) agents.unreachable.set(id, { ...unreachable, deactivated, drain });
}

export function insertUnreachable(state: MasterState, id: AgentId, record: UnreachableAgent): void {
  state.agents.recovered.delete(id);
  state.agents.unreachable.set(id, record);
}

export function insertGone(state: MasterState, id: AgentId, since: TimeInfo): void {
  state.agents.recovered.delete(id);
  state.agents.unreachable.delete(id);
  state.agents.gone.set(id, since);
}

/** The registry no longer remembers these. */
export function forgetAgents(
  state: MasterState,
  unreachable: readonly AgentId[],
  gone: readonly AgentId[],
): void {
  for (const id of unreachable) state.agents.unreachable.delete(id);
  for (const id of gone) state.agents.gone.delete(id);
}

/** The agent came back from another address. */
export function moveAgent(state: MasterState, agent: Agent, pid: Pid): void {
  if (state.agents.byPid.get(agent.pid) === agent) state.agents.byPid.delete(agent.pid);
  agent.pid = pid;
  state.agents.byPid.set(pid, agent);
}

export function insertFramework(state: MasterState, framework: Framework): void {
  state.frameworks.registered.set(framework.id, framework);
  for (const role of framework.roles) trackRole(state, framework, role);
}

/** From the registered to the completed ones, of which only the newest `max` are kept. */
export function completeFramework(state: MasterState, framework: Framework, max: number): void {
  const { registered, completed, roles } = state.frameworks;
  registered.delete(framework.id);
  for (const role of [...roles.keys()]) untrackRole(state, framework, role);
  completed.delete(framework.id);
  completed.set(framework.id, framework);
  for (const oldest of completed.keys()) {
    if (completed.size <= max) break;
    completed.delete(oldest);
  }
}

export function trackRole(state: MasterState, framework: Framework, role: string): void {
  const { roles } = state.frameworks;
  const members = roles.get(role);
  if (members) members.add(framework.id);
  else roles.set(role, new Set([framework.id]));
}

export function untrackRole(state: MasterState, framework: Framework, role: string): void {
  const { roles } = state.frameworks;
  const members = roles.get(role);
  if (!members?.delete(framework.id)) return;
  if (members.size === 0) roles.delete(role);
}
