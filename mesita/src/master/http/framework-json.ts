import type { View } from '../../net/view.ts';
import { toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import * as schedulerSchema from '../../wire/schema/scheduler.ts';
import { flatMessages, flatResources } from '../../wire/state-json/resources.ts';
import { executorJson, labelsJson, present, taskJson } from '../../wire/state-json/task.ts';
import { type Framework, hasCapability, isConnected } from '../core/framework.ts';
import type { MasterState } from '../core/state.ts';
import { tasksIn } from './view.ts';

type Json = Record<string, unknown>;

/** The short form of `/state-summary`. */
export function frameworkSummary(framework: Framework): Json {
  return present({
    id: framework.id,
    name: framework.info.name,
    pid: framework.pid,
    used_resources: flatResources(framework.totalUsed),
    offered_resources: flatResources(framework.totalOffered),
    capabilities: (framework.info.capabilities ?? []).flatMap((c) => c.type ?? []),
    hostname: framework.info.hostname ?? '',
    webui_url: framework.info.webuiUrl ?? '',
    active: framework.active,
    connected: isConnected(framework),
    recovered: framework.recovered,
  });
}

export function frameworkJson(framework: Framework, state: MasterState, view: View): Json {
  const { info } = framework;
  const tasks = (records: Parameters<typeof tasksIn>[0]) =>
    tasksIn(records, framework, view).map(taskJson);
  const multiRole = hasCapability(info, 'MULTI_ROLE');
  return present({
    ...frameworkSummary(framework),
    user: info.user,
    failover_timeout: info.failoverTimeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: framework.registeredAt / 1000,
    unregistered_time: (framework.unregisteredAt ?? 0) / 1000,
    reregistered_time:
      framework.reregisteredAt === framework.registeredAt
        ? undefined
        : framework.reregisteredAt / 1000,
    principal: info.principal,
    resources: flatResources(framework.totalUsed.add(framework.totalOffered)),
    roles: multiRole ? (info.roles ?? []) : undefined,
    role: multiRole ? undefined : (info.role ?? '*'),
    tasks: tasks(framework.tasks.values()),
    unreachable_tasks: tasks(framework.unreachableTasks.values()),
    completed_tasks: tasks(framework.completedTasks),
    offers: offersJson(framework, state),
    executors: executorsJson(framework, view),
    labels: labelsJson(info.labels),
    offer_constraints: toJson(schedulerSchema.OfferConstraints, framework.offerConstraints ?? {}),
  });
}

function offersJson(framework: Framework, state: MasterState): Json[] {
  return [...framework.offers].flatMap((id) => {
    const record = state.offers.get(id);
    if (!record) return [];
    const { offer } = record;
    return {
      id,
      framework_id: framework.id,
      allocation_info: toJson(mesos.Resource_AllocationInfo, { role: record.role }),
      slave_id: record.agentId,
      resources: flatMessages(offer.resources),
    };
  });
}

function executorsJson({ executors: byAgent, info }: Framework, view: View): Json[] {
  return [...byAgent].flatMap(([agentId, executors]) =>
    [...executors.values()]
      .filter((e) => view.showsExecutor(e.info, info))
      .map((e) => ({ ...executorJson(e.info), slave_id: agentId })),
  );
}
