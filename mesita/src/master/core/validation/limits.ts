import { Resources } from '@mesita/sdk/resources';
import type { AgentInfo, TaskInfo } from '@mesita/sdk/types';

/** Limits may go beyond the requests, up to infinity, but never below. */
export function validateLimits(
  { limits = {}, resources: messages = [] }: TaskInfo,
  capabilities: ReadonlySet<AgentInfo.Capability.Type>,
): string | undefined {
  const names = Object.keys(limits);
  if (names.length === 0) return undefined;
  if (!capabilities.has('TASK_RESOURCE_LIMITS'))
    return 'Agent is not capable of handling task resource limits';
  if (names.some((name) => name !== 'cpus' && name !== 'mem')) {
    return "Only cpus and mem may be included in a task's resource limits";
  }
  const resources = Resources.of(messages);
  const has = (name: string) => !resources.named(name).scalars().isEmpty;
  const { cpus, mem } = limits;
  if (cpus !== undefined) {
    if (!has('cpus')) return 'When a CPU limit is specified, a CPU request must also be specified';
    if (!(cpus.value >= resources.scalar('cpus'))) {
      return 'The cpu limit must be greater than or equal to the cpu request';
    }
  }
  if (mem !== undefined) {
    if (!has('mem'))
      return 'When a memory limit is specified, a memory request must also be specified';
    // Whole megabytes are compared.
    if (!(Math.trunc(mem.value) >= Math.trunc(resources.scalar('mem')))) {
      return 'The memory limit must be greater than or equal to the memory request';
    }
  }
  return undefined;
}
