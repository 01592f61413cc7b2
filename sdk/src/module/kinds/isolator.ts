import type { Resources } from '../../resources/index.ts';
import type {
  ContainerConfig,
  ContainerLaunchInfo,
  ContainerLimitation,
  ContainerState,
} from '../../types/containerizer.ts';
import type { ContainerID, ContainerStatus, ResourceStatistics, Value } from '../../types/index.ts';

export type ResourceLimitMap = Readonly<Record<string, Value.Scalar>>;

/**
 * Surrounds containers with limits, views and side effects. Every method is optional. The
 * containerizer calls them in the order recover, (prepare, isolate, watch, update*, cleanup)*;
 * a rejected promise fails what it was called for and nothing else.
 */
export interface Isolator {
  /** May it be asked about containers inside others? Otherwise it is skipped for them. */
  readonly supportsNesting?: boolean;
  /** May it be asked about containers without a framework? */
  readonly supportsStandalone?: boolean;
  /** Once after an agent's restart. Orphans are containers of no known executor: clean them up. */
  recover?(states: readonly ContainerState[], orphans: readonly ContainerID[]): Promise<void>;
  /** Before the fork, one isolator after the other. What it answers shapes the launch. */
  prepare?(id: ContainerID, config: ContainerConfig): Promise<ContainerLaunchInfo | undefined>;
  /** The process exists and runs nothing of the user's yet. All isolators at once. */
  isolate?(id: ContainerID, pid: number): Promise<void>;
  /** Resolves when the container broke a limit: it is then destroyed and its task failed. */
  watch?(id: ContainerID, signal: AbortSignal): Promise<ContainerLimitation>;
  /** The root container's resources changed. */
  update?(id: ContainerID, requests: Resources, limits: ResourceLimitMap): Promise<void>;
  /** Merged with the other isolators'; the containerizer adds the timestamp. */
  usage?(id: ContainerID): Promise<Partial<ResourceStatistics>>;
  status?(id: ContainerID): Promise<Partial<ContainerStatus>>;
  /** At most once, in reverse order; may come for a container it never saw. */
  cleanup?(id: ContainerID): Promise<void>;
}
