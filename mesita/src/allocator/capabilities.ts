import type { AgentInfo, DomainInfo, FrameworkInfo } from '@mesita/sdk/types';

export interface FrameworkCapabilities {
  readonly multiRole: boolean;
  readonly gpuResources: boolean;
  readonly regionAware: boolean;
  /** Of the sorts of resources below. */
  readonly handles: number;
}

// Sorts of resources that only some frameworks can handle.
export const SHARED = 1;
export const REVOCABLE = 2;
export const REFINED = 4;

// What keeps an agent from some frameworks and roles: its GPUs, its region, and what it does not know.
const GPUS = 1;
const REGION = 2;
const MULTI_ROLE = 4;
const NESTED_ROLE = 8;

export interface AgentCapabilities {
  readonly multiRole: boolean;
  readonly hierarchicalRole: boolean;
}

export function frameworkCapabilities(info: FrameworkInfo): FrameworkCapabilities {
  const types = new Set((info.capabilities ?? []).map(({ type }) => type));
  return {
    multiRole: types.has('MULTI_ROLE'),
    gpuResources: types.has('GPU_RESOURCES'),
    regionAware: types.has('REGION_AWARE'),
    handles:
      (types.has('SHARED_RESOURCES') ? SHARED : 0) |
      (types.has('REVOCABLE_RESOURCES') ? REVOCABLE : 0) |
      (types.has('RESERVATION_REFINEMENT') ? REFINED : 0),
  };
}

export function agentCapabilities(
  capabilities: readonly AgentInfo.Capability[],
): AgentCapabilities {
  const has = (wanted: AgentInfo.Capability.Type) =>
    capabilities.some(({ type }) => type === wanted);
  return { multiRole: has('MULTI_ROLE'), hierarchicalRole: has('HIERARCHICAL_ROLE') };
}

export function rolesOf(info: FrameworkInfo): Set<string> {
  const isMultiRole = (info.capabilities ?? []).some(({ type }) => type === 'MULTI_ROLE');
  return new Set(isMultiRole ? (info.roles ?? []) : [info.role ?? '*']);
}

/** The bars of an agent: each keeps out those who are stopped by it. */
export function barsOf(
  { multiRole, hierarchicalRole }: AgentCapabilities,
  hasHiddenGpus: boolean,
  isFar: boolean,
): number {
  return (
    (hasHiddenGpus ? GPUS : 0) |
    (isFar ? REGION : 0) |
    (multiRole ? 0 : MULTI_ROLE) |
    (hierarchicalRole ? 0 : NESTED_ROLE)
  );
}

/** The bars that stop a framework under a role. */
export function stoppedBy(
  { gpuResources, regionAware, multiRole }: FrameworkCapabilities,
  role: string,
): number {
  return (
    (gpuResources ? 0 : GPUS) |
    (regionAware ? 0 : REGION) |
    (multiRole ? MULTI_ROLE : 0) |
    (role.includes('/') ? NESTED_ROLE : 0)
  );
}

/** Whether the agent's region is known and is not the master's. */
export function isRemote(agent: DomainInfo | undefined, master: DomainInfo | undefined): boolean {
  const region = agent?.faultDomain?.region.name;
  return region !== undefined && region !== master?.faultDomain?.region.name;
}
