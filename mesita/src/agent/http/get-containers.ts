// GET_CONTAINERS: executors' containers, and on demand those inside them and the standalone ones.
import type { ContainerID } from '@mesita/sdk/types';
import type { Call, Response } from '@mesita/sdk/types/agent';
import { rootOf } from '../../containerizer/mesos/paths.ts';
import type { Subject } from '../../net/authorization.ts';
import { decided } from '../../net/late-approver.ts';
import { ownerOf } from './container-owner.ts';
import { measure, reportContainers } from './containers-json.ts';
import type { AgentSurface } from './surface.ts';

type Container = Response.GetContainers.Container;

export async function listContainers(
  surface: AgentSurface,
  subject: Subject,
  wanted: Call.GetContainers,
): Promise<readonly Container[]> {
  const reports = await reportContainers(surface, subject);
  const ofExecutors = reports.map(({ executor, status, statistics }) => ({
    frameworkId: { value: executor.frameworkId },
    executorId: { value: executor.id },
    executorName: executor.info.name ?? '',
    containerId: { value: executor.container },
    containerStatus: status,
    resourceStatistics: statistics,
  }));
  const shown = new Set(ofExecutors.map(({ containerId }) => containerId.value));
  const others = await listOthers(surface, subject, wanted, shown);
  return [...ofExecutors, ...others];
}

/** A nested container is shown to who may see the one at its root. */
async function listOthers(
  surface: AgentSurface,
  subject: Subject,
  { showNested = false, showStandalone = false }: Call.GetContainers,
  shown: ReadonlySet<string>,
): Promise<readonly Container[]> {
  if (!showNested && !showStandalone) return [];
  const approvers = await surface.authorization.approvers(subject, ['VIEW_STANDALONE_CONTAINER']);
  const isShown = (id: ContainerID): boolean => {
    const root = rootOf(id);
    if (!(id.parent ? showNested : showStandalone)) return false;
    if (ownerOf(surface, root)) return id.parent !== undefined && shown.has(root.value);
    return approvers.approved('VIEW_STANDALONE_CONTAINER', { containerId: root });
  };
  const all = await surface.containers.containers();
  const ids = await decided(approvers, () => all.filter(isShown));
  return Promise.all(
    ids.map(async (containerId) => {
      const { status, statistics } = await measure(surface, containerId);
      return { containerId, containerStatus: status, resourceStatistics: statistics };
    }),
  );
}
