import type { ContainerID, ContainerStatus, ResourceStatistics } from '@mesita/sdk/types';
import type { DaemonSurface } from '../../net/operator-calls.ts';
import type { AgentState } from '../core/state.ts';

/** Everything that the agent's endpoints see and may ask for. */
export interface AgentSurface extends DaemonSurface {
  readonly state: AgentState;
  readonly pid: string;
  readonly startedAt: number;
  readonly containers: {
    usage(id: ContainerID): Promise<ResourceStatistics>;
    status(id: ContainerID): Promise<ContainerStatus>;
    /** Isolators' work that has not ended, for `/containerizer/debug`. */
    pending(): readonly { readonly operation: string; readonly args: object }[];
  };
}
