// Bodies of the old JSON reads.

import type { MasterInfo } from '@mesita/sdk/types';
import type { View } from '../../net/view.ts';
import { toJson } from '../../wire/json.ts';
import { formatPid } from '../../wire/pid.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { present } from '../../wire/state-json/task.ts';
import { agentJson, agentWithResources, recoveredAgentJson } from './agent-json.ts';
import { frameworkJson, frameworkSummary } from './framework-json.ts';
import { noTasks, summarise, type TaskCounts } from './summary-json.ts';
import type { MasterSurface } from './surface.ts';
import { completedIn, registeredIn } from './view.ts';

type Json = Record<string, unknown>;

export function stateJson({ state, flags, build }: MasterSurface, view: View): Json {
  const agents = [...state.agents.registered.values()];
  const leads = state.leader?.id === state.info.id;
  return present({
    ...build,
    start_time: state.startedAt / 1000,
    elected_time: leads && state.electedAt ? state.electedAt / 1000 : undefined,
    id: state.info.id,
    pid: state.info.pid,
    hostname: state.info.hostname,
    capabilities: (state.info.capabilities ?? []).map((c) => c.type),
    activated_slaves: agents.filter((a) => a.active).length,
    deactivated_slaves: agents.filter((a) => !a.active).length,
    unreachable_slaves: state.agents.unreachable.size,
    domain: state.info.domain && toJson(mesos.DomainInfo, state.info.domain),
    leader: state.leader?.pid,
    leader_info: state.leader && leaderJson(state.leader),
    ...(view.showsFlags() && {
      cluster: flags.get('cluster'),
      log_dir: flags.get('log_dir'),
      external_log_file: flags.get('external_log_file'),
      flags: Object.fromEntries(flags),
    }),
    slaves: agents.map((a) => agentJson(a, view)),
    recovered_slaves: recoveredAgents(state),
    frameworks: registeredIn(state, view).map((f) => frameworkJson(f, state, view)),
    completed_frameworks: completedIn(state, view).map((f) => frameworkJson(f, state, view)),
    orphan_tasks: [],
    unregistered_frameworks: [],
  });
}

function leaderJson(leader: MasterInfo): Json {
  return present({
    id: leader.id,
    pid: leader.pid ?? formatPid('master', leader.address?.ip ?? '', leader.port),
    port: leader.port,
    hostname: leader.hostname,
    domain: leader.domain && toJson(mesos.DomainInfo, leader.domain),
  });
}

function recoveredAgents(state: MasterSurface['state']): Json[] {
  return [...state.agents.recovered.values()].map((a) => recoveredAgentJson(a.info));
}

export function summaryJson({ state, flags }: MasterSurface, view: View): Json {
  const { agents, frameworks } = summarise(state);
  const counts = (found: TaskCounts | undefined, key: string) => {
    const { states, others } = found ?? noTasks();
    return { ...states, [key]: [...others] };
  };
  return present({
    hostname: state.info.hostname,
    cluster: flags.get('cluster'),
    slaves: [...state.agents.registered.values()].map((a) => ({
      ...agentJson(a, view),
      ...counts(agents.get(a.id), 'framework_ids'),
    })),
    frameworks: registeredIn(state, view).map((f) => ({
      ...frameworkSummary(f),
      ...counts(frameworks.get(f.id), 'slave_ids'),
    })),
  });
}

export function slavesJson({ state }: MasterSurface, view: View, id: string | undefined): Json {
  const wanted = (agentId: string | undefined) => id === undefined || agentId === id;
  return {
    slaves: [...state.agents.registered.values()]
      .filter((a) => wanted(a.id))
      .map((a) => agentWithResources(a, view)),
    recovered_slaves: [...state.agents.recovered.values()]
      .filter((a) => wanted(a.info.id?.value))
      .map((a) => recoveredAgentJson(a.info)),
  };
}

export function frameworksJson({ state }: MasterSurface, view: View, id: string | undefined): Json {
  const wanted = (f: { readonly id: string }) => id === undefined || f.id === id;
  const render = (f: Parameters<typeof frameworkJson>[0]) => frameworkJson(f, state, view);
  return {
    frameworks: registeredIn(state, view).filter(wanted).map(render),
    completed_frameworks: completedIn(state, view).filter(wanted).map(render),
    unregistered_frameworks: [],
  };
}
