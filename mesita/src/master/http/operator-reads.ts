// The operator API's GET_ calls, as messages.
import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, Operation, Resource, TimeInfo } from '@mesita/sdk/types';
import type { Response } from '@mesita/sdk/types/master';
import type { View } from '../../net/view.ts';
import type { OperationRecord } from '../core/agent.ts';
import { isConnected } from '../core/framework.ts';
import type { Agent, Framework, MasterState } from '../core/state.ts';
import { rolesIn } from './roles-json.ts';
import { completedIn, registeredIn, tasksIn } from './view.ts';

export function getAgents(state: MasterState, view: View): Response.GetAgents {
  return {
    agents: [...state.agents.registered.values()].map((a) => agentMessage(a, view)),
    recoveredAgents: [...state.agents.recovered.values()].map((a) => agentInfo(a.info, view)),
  };
}

/** v1 shows what nobody reserved without a role. */
function agentInfo(info: AgentInfo, { visible }: View): AgentInfo {
  return { ...info, resources: visible(Resources.of(info.resources ?? [])).toMessages('post') };
}

export function agentMessage(agent: Agent, view: View): Response.GetAgents.Agent {
  const { visible } = view;
  const allocated = visible(Resources.sum(agent.used.values())).toMessages('endpoint');
  return {
    agentInfo: agentInfo(agent.info, view),
    active: agent.active,
    deactivated: agent.deactivated,
    version: agent.version,
    pid: agent.pid,
    registeredTime: timeInfo(agent.registeredAt),
    reregisteredTime: agent.reregisteredAt ? timeInfo(agent.reregisteredAt) : undefined,
    totalResources: visible(agent.total).toMessages('endpoint'),
    allocatedResources: allocated,
    offeredResources: visible(agent.offered).toMessages('endpoint'),
    capabilities: [...agent.capabilities].map((type) => ({ type })),
    resourceProviders: [...agent.resourceProviders.values()].map((p) => ({
      resourceProviderInfo: p.info,
      totalResources: visible(p.total).toMessages('endpoint'),
    })),
    drainInfo: agent.drain,
    estimatedDrainStartTime: agent.drainStartedAt ? timeInfo(agent.drainStartedAt) : undefined,
  };
}

export function timeInfo(ms: number): TimeInfo {
  // A double holds milliseconds with their microseconds, not nanoseconds.
  return { nanoseconds: BigInt(Math.round(ms * 1000)) * 1000n };
}

export function getFrameworks(state: MasterState, view: View): Response.GetFrameworks {
  return {
    frameworks: registeredIn(state, view).map((f) => frameworkMessage(f, state)),
    completedFrameworks: completedIn(state, view).map((f) => frameworkMessage(f, state)),
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

export function getTasks(state: MasterState, view: View): Response.GetTasks {
  const frameworks = [...registeredIn(state, view), ...completedIn(state, view)];
  return {
    tasks: frameworks.flatMap((f) => tasksIn(f.tasks.values(), f, view)),
    unreachableTasks: frameworks.flatMap((f) => tasksIn(f.unreachableTasks.values(), f, view)),
    completedTasks: frameworks.flatMap((f) => tasksIn(f.completedTasks, f, view)),
  };
}

export function getExecutors(state: MasterState, view: View): Response.GetExecutors {
  return {
    executors: registeredIn(state, view).flatMap((f) =>
      [...f.executors].flatMap(([agentId, executors]) =>
        [...executors.values()]
          .filter((e) => view.showsExecutor(e.info, f.info))
          .map((e) => ({ executorInfo: e.info, agentId: { value: agentId } })),
      ),
    ),
  };
}

export function getRoles(state: MasterState, view: View): Response.GetRoles {
  return {
    roles: rolesIn(state, view).map((role) => ({
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

export function getWeights(state: MasterState, view: View): Response.GetWeights {
  const shown = [...state.weights].filter(([role]) => view.showsRole(role));
  return { weightInfos: shown.map(([role, weight]) => ({ role, weight })) };
}

export function getOperations(state: MasterState, { showsResource }: View): Response.GetOperations {
  // Shown whole, to those who may see all that it uses.
  const isShown = ({ operation }: OperationRecord) => resourcesOf(operation).every(showsResource);
  return {
    operations: [...state.agents.registered.values()].flatMap((a) =>
      [...a.operations.values()].filter(isShown).map((o) => o.operation),
    ),
  };
}

function resourcesOf({ info }: Operation): Resource[] {
  const { reserve, unreserve, create, destroy, growVolume, shrinkVolume } = info;
  const { createDisk, destroyDisk } = info;
  const single = [
    growVolume?.volume,
    shrinkVolume?.volume,
    createDisk?.source,
    destroyDisk?.source,
  ];
  return [
    ...(reserve?.resources ?? []),
    ...(unreserve?.resources ?? []),
    ...(create?.volumes ?? []),
    ...(destroy?.volumes ?? []),
    ...single.flatMap((resource) => resource ?? []),
  ];
}

/** `isShown`: of the role. */
export function getQuota(
  state: MasterState,
  isShown: (role: string) => boolean,
): Response.GetQuota {
  const quotas = [...state.quotas].filter(([role]) => isShown(role));
  const scalars = (amounts: Iterable<readonly [string, number]>) =>
    Object.fromEntries([...amounts].map(([name, n]) => [name, { value: n / 1000 }]));
  return {
    status: {
      infos: quotas.map(([role, quota]) => ({
        role,
        guarantee: [...quota.guarantees].map(([name, n]) => ({
          name,
          type: 'SCALAR' as const,
          scalar: { value: n / 1000 },
        })),
      })),
      configs: quotas.map(([role, quota]) => ({
        role,
        guarantees: scalars(quota.guarantees),
        limits: scalars(quota.limits),
      })),
    },
  };
}

export function getState(state: MasterState, view: View): Response.GetState {
  return {
    getTasks: getTasks(state, view),
    getExecutors: getExecutors(state, view),
    getFrameworks: getFrameworks(state, view),
    getAgents: getAgents(state, view),
  };
}
