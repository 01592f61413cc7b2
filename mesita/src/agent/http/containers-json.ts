// Containers of executors: `/containers` and `/monitor/statistics`.
import { err, ok, type Result } from '@mesita/sdk/base';
import type { ContainerID, ContainerStatus, ResourceStatistics } from '@mesita/sdk/types';
import type { Subject } from '../../net/authorization.ts';
import type { HttpRequest } from '../../net/http.ts';
import { decided } from '../../net/late-approver.ts';
import { toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { present } from '../../wire/state-json/task.ts';
import type { Executor } from '../core/state.ts';
import type { AgentSurface } from './surface.ts';

type Json = Record<string, unknown>;

interface Measured {
  readonly status: ContainerStatus | undefined;
  readonly statistics: ResourceStatistics | undefined;
}

interface ContainerReport extends Measured {
  readonly executor: Executor;
}

/**
 * Of all, or of those that the client may see. What cannot be had of one container, because it ends
 * just now, is left out.
 */
export async function reportContainers(
  surface: AgentSurface,
  client?: Subject,
): Promise<ContainerReport[]> {
  const shown = client ? await executorsFor(surface, client) : aliveIn(surface);
  return Promise.all(
    shown.map(async (executor) => ({
      executor,
      ...(await measure(surface, { value: executor.container })),
    })),
  );
}

export async function measure({ containers }: AgentSurface, id: ContainerID): Promise<Measured> {
  const [status, statistics] = await Promise.all([
    containers.status(id).catch(() => undefined),
    containers.usage(id).catch(() => undefined),
  ]);
  return { status, statistics };
}

function aliveIn({ state }: AgentSurface): Executor[] {
  const executors = [...state.frameworks.values()].flatMap((f) => [...f.executors.values()]);
  return executors.filter(({ life }) => life !== 'TERMINATED');
}

async function executorsFor(surface: AgentSurface, client: Subject): Promise<Executor[]> {
  const approvers = await surface.authorization.approvers(client, ['VIEW_CONTAINER']);
  return decided(approvers, () =>
    aliveIn(surface).filter(({ info: executorInfo, frameworkId }) => {
      const frameworkInfo = surface.state.frameworks.get(frameworkId)?.info;
      return approvers.approved('VIEW_CONTAINER', { executorInfo, frameworkInfo });
    }),
  );
}

/** By container, by framework, or by framework and executor; other combinations are refused. */
export function selectContainers(
  reports: readonly ContainerReport[],
  query: HttpRequest['query'],
): Result<readonly ContainerReport[]> {
  const container = query.get('container_id');
  const framework = query.get('framework_id');
  const executor = query.get('executor_id');
  const isMixed = container !== undefined && (framework !== undefined || executor !== undefined);
  if (isMixed || (executor !== undefined && framework === undefined)) {
    return err(
      'Supported query parameters are container_id only, framework_id only, or executor_id and framework_id only',
    );
  }
  return ok(
    reports.filter(
      ({ executor: e }) =>
        (container === undefined || e.container === container) &&
        (framework === undefined || e.frameworkId === framework) &&
        (executor === undefined || e.id === executor),
    ),
  );
}

export function containerJson({ executor, status, statistics }: ContainerReport): Json {
  return present({
    container_id: executor.container,
    ...identity(executor),
    status: status && toJson(mesos.ContainerStatus, status),
    statistics: statistics && toJson(mesos.ResourceStatistics, statistics),
  });
}

export function statisticsJson({ executor, statistics }: ContainerReport): Json {
  return present({
    ...identity(executor),
    statistics: statistics && toJson(mesos.ResourceStatistics, statistics),
  });
}

function identity(executor: Executor): Json {
  return {
    executor_id: executor.id,
    executor_name: executor.info.name ?? '',
    framework_id: executor.frameworkId,
    source: executor.info.source ?? '',
  };
}
