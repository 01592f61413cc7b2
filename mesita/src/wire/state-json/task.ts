// Tasks, their statuses and executors as the old JSON endpoints show them.
import type { CommandInfo, ExecutorInfo, Labels, Task, TaskStatus } from '@mesita/sdk/types';
import { toJson } from '../json.ts';
import * as mesos from '../schema/mesos.ts';
import { allocatedRole, flatMessages } from './resources.ts';

type Json = Record<string, unknown>;

/** Without the members that are undefined. */
export function present(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, v]) => v !== undefined));
}

export function labelsJson(labels: Labels | undefined): unknown {
  return labels && (labels.labels ?? []).map((l) => toJson(mesos.Label, l));
}

export function taskJson(task: Task): Json {
  return present({
    id: task.taskId.value,
    name: task.name,
    framework_id: task.frameworkId.value,
    executor_id: task.executorId?.value ?? '',
    slave_id: task.agentId.value,
    state: task.state,
    resources: flatMessages(task.resources),
    limits:
      task.limits &&
      Object.fromEntries(Object.entries(task.limits).map(([name, l]) => [name, scalar(l.value)])),
    role: allocatedRole(task.resources),
    statuses: (task.statuses ?? []).map(statusJson),
    user: task.user,
    labels: labelsJson(task.labels),
    discovery: task.discovery && toJson(mesos.DiscoveryInfo, task.discovery),
    container: task.container && toJson(mesos.ContainerInfo, task.container),
    health_check: task.healthCheck && toJson(mesos.HealthCheck, task.healthCheck),
  });
}

/** JSON has no infinity. */
const scalar = (value: number) => (Number.isFinite(value) ? value : 'Infinity');

function statusJson(status: TaskStatus): Json {
  const container = status.containerStatus;
  return present({
    state: status.state,
    timestamp: status.timestamp ?? 0,
    labels: labelsJson(status.labels),
    container_status:
      container &&
      present({
        container_id: container.containerId && toJson(mesos.ContainerID, container.containerId),
        network_infos: container.networkInfos?.map((n) => toJson(mesos.NetworkInfo, n)),
        cgroup_info: container.cgroupInfo && toJson(mesos.CgroupInfo, container.cgroupInfo),
      }),
    healthy: status.healthy,
  });
}

export function executorJson(executor: ExecutorInfo): Json {
  return present({
    executor_id: executor.executorId.value,
    name: executor.name ?? '',
    framework_id: executor.frameworkId?.value ?? '',
    command: commandJson(executor.command),
    resources: flatMessages(executor.resources),
    role: allocatedRole(executor.resources),
    labels: labelsJson(executor.labels),
    type: executor.type,
  });
}

export function commandJson(command: CommandInfo | undefined): Json {
  return present({
    shell: command?.shell,
    value: command?.value,
    argv: command?.arguments ?? [],
    environment: command?.environment && {
      variables: (command.environment.variables ?? []).map((v) =>
        present({ name: v.name, value: v.value }),
      ),
    },
    uris: (command?.uris ?? []).map((u) => present({ value: u.value, executable: u.executable })),
  });
}
