import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo } from '@mesita/sdk/types';
import { pickRoles, type View } from '../../net/view.ts';
import { toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import {
  flatAttributes,
  flatReservations,
  flatResources,
  fullReservations,
  fullResources,
} from '../../wire/state-json/resources.ts';
import { present } from '../../wire/state-json/task.ts';
import type { Agent } from '../core/state.ts';

type Json = Record<string, unknown>;

export function agentJson(agent: Agent, view: View): Json {
  return present({
    ...identity(agent.info),
    pid: agent.pid,
    registered_time: agent.registeredAt / 1000,
    reregistered_time: agent.reregisteredAt && agent.reregisteredAt / 1000,
    resources: flatResources(agent.total),
    used_resources: flatResources(usedBy(agent)),
    offered_resources: flatResources(agent.offered),
    reserved_resources: pickRoles(flatReservations(agent.total), view),
    unreserved_resources: flatResources(agent.total.unreserved()),
    active: agent.active,
    deactivated: agent.deactivated,
    version: agent.version,
    capabilities: [...agent.capabilities],
    drain_info: agent.drain && toJson(mesos.DrainInfo, agent.drain),
    estimated_drain_start_time_seconds: agent.drainStartedAt && agent.drainStartedAt / 1000,
  });
}

/** The form of `/slaves`: also every resource whole. */
export function agentWithResources(agent: Agent, view: View): Json {
  const { visible } = view;
  return {
    ...agentJson(agent, view),
    reserved_resources_full: pickRoles(fullReservations(visible(agent.total)), view),
    unreserved_resources_full: fullResources(visible(agent.total.unreserved())),
    used_resources_full: fullResources(visible(usedBy(agent))),
    offered_resources_full: fullResources(visible(agent.offered)),
  };
}

export const recoveredAgentJson = (info: AgentInfo) => present(identity(info));

function identity(info: AgentInfo): Json {
  return {
    id: info.id?.value ?? '',
    hostname: info.hostname,
    port: info.port ?? 5051,
    attributes: flatAttributes(info.attributes),
    domain: info.domain && toJson(mesos.DomainInfo, info.domain),
  };
}

function usedBy(agent: Agent): Resources {
  return Resources.sum(agent.used.values());
}
