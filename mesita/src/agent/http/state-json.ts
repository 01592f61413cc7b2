// The agent's `/state`.
import { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo, Resource, TaskInfo } from '@mesita/sdk/types';
import { pickRoles, type View } from '../../net/view.ts';
import { toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import {
  allocatedRole,
  flatAttributes,
  flatMessages,
  flatReservations,
  flatResources,
  fullReservations,
  fullResources,
} from '../../wire/state-json/resources.ts';
import { commandJson, labelsJson, present, taskJson } from '../../wire/state-json/task.ts';
import { agentCapabilities } from '../core/capabilities.ts';
import type { Executor, Framework } from '../core/state.ts';
import type { AgentSurface } from './surface.ts';
import { seenBy } from './view.ts';

type Json = Record<string, unknown>;

export function stateJson(surface: AgentSurface, view: View): Json {
  const { state, flags, build } = surface;
  const { info, master, drain } = state;
  const seen = seenBy(state, view);
  const byRole = <T>(parts: Record<string, T>) => pickRoles(parts, view);
  const total = state.resources;
  const allocated = allocatedResources([...state.frameworks.values()]);
  return present({
    ...build,
    start_time: surface.startedAt / 1000,
    id: info.id?.value ?? '',
    pid: surface.pid,
    hostname: info.hostname,
    capabilities: agentCapabilities.map((c) => c.type),
    domain: info.domain && toJson(mesos.DomainInfo, info.domain),
    drain_config: drain && toJson(mesos.DrainConfig, drain.config),
    estimated_drain_start_time_seconds: drain && drain.startedAt / 1000,
    resources: flatResources(total),
    reserved_resources: byRole(flatReservations(total)),
    unreserved_resources: flatResources(total.unreserved()),
    reserved_resources_full: byRole(fullReservations(total)),
    unreserved_resources_full: fullResources(total.unreserved()),
    reserved_resources_allocated: byRole(flatReservations(allocated)),
    unreserved_resources_allocated: flatResources(allocated.unreserved()),
    resource_providers: [],
    attributes: flatAttributes(info.attributes),
    master_hostname: master?.hostname,
    ...(view.showsFlags() && {
      log_dir: flags.get('log_dir'),
      external_log_file: flags.get('external_log_file'),
      flags: Object.fromEntries(flags),
    }),
    frameworks: [...seen.frameworks.values()].map(frameworkJson),
    completed_frameworks: seen.completedFrameworks.map(frameworkJson),
  });
}

function allocatedResources(frameworks: readonly Framework[]): Resources {
  const executors = frameworks.flatMap((f) => [...f.executors.values()]);
  return Resources.of(executors.filter((e) => e.life !== 'TERMINATED').flatMap(resourcesOf));
}

/** What an executor holds: its own, and those of tasks that have not ended. */
function resourcesOf(executor: Executor): Resource[] {
  return [
    ...(executor.info.resources ?? []),
    ...[...executor.queuedTasks.values()].flatMap((t) => t.resources ?? []),
    ...[...executor.launchedTasks.values()].flatMap((t) => t.resources ?? []),
  ];
}

function frameworkJson(framework: Framework): Json {
  const { info } = framework;
  return present({
    id: framework.id,
    name: info.name,
    user: info.user,
    failover_timeout: info.failoverTimeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    hostname: info.hostname ?? '',
    principal: info.principal,
    ...rolesJson(info),
    executors: [...framework.executors.values()].map(executorJson),
    completed_executors: framework.completedExecutors.map(executorJson),
  });
}

function rolesJson(info: FrameworkInfo): Json {
  const multiRole = (info.capabilities ?? []).some((c) => c.type === 'MULTI_ROLE');
  return multiRole ? { roles: info.roles ?? [] } : { role: info.role ?? '*' };
}

function executorJson(executor: Executor): Json {
  const { info } = executor;
  return present({
    id: executor.id,
    name: info.name ?? '',
    source: info.source ?? '',
    container: executor.container,
    directory: executor.directory,
    resources: flatMessages(resourcesOf(executor)),
    role: allocatedRole(info.resources),
    labels: labelsJson(info.labels),
    type: info.type,
    tasks: [...executor.launchedTasks.values()].map(taskJson),
    queued_tasks: [...executor.queuedTasks.values()].map(queuedTaskJson),
    completed_tasks: [...executor.terminatedTasks.values(), ...executor.completedTasks].map(
      taskJson,
    ),
  });
}

function queuedTaskJson(task: TaskInfo): Json {
  return present({
    id: task.taskId.value,
    name: task.name,
    slave_id: task.agentId.value,
    resources: flatMessages(task.resources),
    role: allocatedRole(task.resources),
    command: task.command && commandJson(task.command),
    executor_id: task.executor?.executorId.value,
    discovery: task.discovery && toJson(mesos.DiscoveryInfo, task.discovery),
  });
}
