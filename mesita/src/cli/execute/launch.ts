import { userInfo } from 'node:os';
import { Resources } from '@mesita/sdk/resources';
import type { FrameworkInfo, Offer, TaskInfo } from '@mesita/sdk/types';
import type { ExecuteFlags } from './flags.ts';

export function frameworkOf(flags: ExecuteFlags): FrameworkInfo {
  const capabilities: FrameworkInfo.Capability.Type[] = [
    'RESERVATION_REFINEMENT',
    'TASK_KILLING_STATE',
    'REVOCABLE_RESOURCES',
    'MULTI_ROLE',
  ];
  if (flags.partitionAware) capabilities.push('PARTITION_AWARE');
  if (flags.frameworkCapabilities?.length) capabilities.push('GPU_RESOURCES');
  return {
    user: userInfo().username,
    name: 'mesos-execute instance',
    roles: [flags.role],
    checkpoint: flags.checkpoint,
    capabilities: capabilities.map((type) => ({ type })),
    ...(flags.principal !== undefined && { principal: flags.principal }),
  };
}

/** The task on this offer, or nothing when it does not fit. Reserved resources are taken first. */
export function taskOn(offer: Offer, flags: ExecuteFlags): TaskInfo | undefined {
  const { role, needs, name, command, variables } = flags;
  const offered = Resources.of(offer.resources ?? []).unallocate();
  if (!offered.toUnreserved().contains(needs)) return undefined;
  let wanted = needs;
  if (role !== '*') {
    const reserved = needs.pushReservation({ type: 'STATIC', role });
    if (reserved.ok) wanted = reserved.value;
  }
  const resources = offered.find(wanted);
  if (resources === undefined) return undefined;
  return {
    name,
    taskId: { value: name },
    agentId: offer.agentId,
    resources: resources.allocate(offer.allocationInfo?.role ?? role).toMessages(),
    command: {
      shell: true,
      value: command,
      ...(variables.length > 0 && { environment: { variables } }),
    },
  };
}
