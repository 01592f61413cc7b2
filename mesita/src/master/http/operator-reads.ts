// The operator API's GET_ calls, as messages.
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, TimeInfo } from '@mesita/sdk/types';
import type { Response } from '@mesita/sdk/types/master';
import { isConnected } from '../core/framework.ts';
import type { Agent, Framework, MasterState } from '../core/state.ts';
import { summariseRoles } from './roles-json.ts';

export function getAgents(state: MasterState): Response.GetAgents {
  return {
    agents: [...state.agents.registered.values()].map(agentMessage),
    recoveredAgents: [...state.agents.recovered.values()].map((a) => agentInfo(a.info)),
  };
}

/** v1 shows what nobody reserved without a role. */
function agentInfo(info: AgentInfo): AgentInfo {
  return { ...info, resources: Resources.of(info.resources ?? []).toMessages('post') };
}

function agentMessage(agent: Agent): Response.GetAgents.Agent {
  const allocated = Resources.sum(agent.used.values()).toMessages('endpoint');
  return {
    agentInfo: agentInfo(agent.info),
    active: agent.active,
    deactivated: agent.deactivated,
    version: agent.version,
    pid: agent.pid,
    registeredTime: timeInfo(agent.registeredAt),
    reregisteredTime: agent.reregisteredAt ? timeInfo(agent.reregisteredAt) : undefined,
    totalResources: agent.total.toMessages('endpoint'),
    allocatedResources: allocated,
    offeredResources: agent.offered.toMessages('endpoint'),
    capabilities: [...agent.capabilities].map((type) => ({ type })),
    resourceProviders: [...agent.resourceProviders.values()].map((p) => ({
      resourceProviderInfo: p.info,
      totalResources: p.total.toMessages('endpoint'),
    })),
    drainInfo: agent.drain,
    estimatedDrainStartTime: agent.drainStartedAt ? timeInfo(agent.drainStartedAt) : undefined,
  };
}

function timeInfo(ms: number): TimeInfo {
  // A double holds milliseconds with their microseconds, not nanoseconds.
  return { nanoseconds: BigInt(Math.round(ms * 1000)) * 1000n };
}

export function getFrameworks(state: MasterState): Response.GetFrameworks {
  return {
    frameworks: [...state.frameworks.registered.values()].map((f) => frameworkMessage(f, state)),
    completedFrameworks: [...state.frameworks.completed.values()].map((f) =>
      frameworkMessage(f, state),
    ),
  };
}

function frameworkMessage(
  framework: Framework,
  state: MasterState,
): Response.GetFrameworks.Framework {
  return {
    frameworkInfo: framework.info,
    active: framework.active,
    connected: isConnected(framework),
    recovered: framework.recovered,
    registeredTime: timeInfo(framework.registeredAt),
    reregisteredTime: timeInfo(framework.reregisteredAt),
    unregisteredTime: framework.unregisteredAt ? timeInfo(framework.unregisteredAt) : undefined,
    offers: [...framework.offers].flatMap((id) => state.offers.get(id)?.offer ?? []),
    inverseOffers: [...framework.inverseOffers].flatMap(
      (id) => state.inverseOffers.get(id)?.offer ?? [],
    ),
    allocatedResources: framework.totalUsed.toMessages('endpoint'),
    offeredResources: framework.totalOffered.toMessages('endpoint'),
    offerConstraints: framework.offerConstraints ?? {},
  };
}

export function getTasks(state: MasterState): Response.GetTasks {
  const frameworks = [
    ...state.frameworks.registered.values(),
    ...state.frameworks.completed.values(),
  ];
  return {
    tasks: frameworks.flatMap((f) => [...f.tasks.values()].map((t) => t.task)),
    unreachableTasks: frameworks.flatMap((f) =>
      [...f.unreachableTasks.values()].map((t) => t.task),
    ),
    completedTasks: frameworks.flatMap((f) => f.completedTasks.map((t) => t.task)),
  };
}

export function getExecutors(state: MasterState): Response.GetExecutors {
  return {
    executors: [...state.frameworks.registered.values()].flatMap((f) =>
      [...f.executors].flatMap(([agentId, executors]) =>
        [...executors.values()].map((e) => ({
          executorInfo: e.info,
          agentId: { value: agentId },
        })),
      ),
    ),
  };
}

export function getRoles(state: MasterState): Response.GetRoles {
  return {
    roles: summariseRoles(state).map((role) => ({
      name: role.name,
      weight: role.weight,
      frameworks: role.frameworks.map((value) => ({ value })),
      resources: [...role.allocated.add(role.offered).quantities()].map(([name, n]) => ({
        name,
        type: 'SCALAR' as const,
        scalar: { value: n / 1000 },
      })),
    })),
  };
}

export function getWeights(state: MasterState): Response.GetWeights {
  return { weightInfos: [...state.weights].map(([role, weight]) => ({ role, weight })) };
}

export function getOperations(state: MasterState): Response.GetOperations {
  return {
    operations: [...state.agents.registered.values()].flatMap((a) =>
      [...a.operations.values()].map((o) => o.operation),
    ),
  };
}

export function getQuota(state: MasterState): Response.GetQuota {
  const scalars = (amounts: Iterable<readonly [string, number]>) =>
    Object.fromEntries([...amounts].map(([name, n]) => [name, { value: n / 1000 }]));
  return {
    status: {
      infos: [...state.quotas].map(([role, quota]) => ({
        role,
        guarantee: [...quota.guarantees].map(([name, n]) => ({
          name,
          type: 'SCALAR' as const,
          scalar: { value: n / 1000 },
        })),
      })),
      configs: [...state.quotas].map(([role, quota]) => ({
        role,
        guarantees: scalars(quota.guarantees),
        limits: scalars(quota.limits),
      })),
    },
  };
}

export function getState(state: MasterState): Response.GetState {
  return {
    getTasks: getTasks(state),
    getExecutors: getExecutors(state),
    getFrameworks: getFrameworks(state),
    getAgents: getAgents(state),
  };
}
