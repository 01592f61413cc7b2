import type { Containerizer } from '../../containerizer/containerizer.ts';
import type { DaemonSurface } from '../../net/operator-calls.ts';
import type { AgentState } from '../core/state.ts';
import type { StandaloneSandboxes } from '../driver/standalone.ts';

/** Everything that the agent's endpoints see and may ask for. */
export interface AgentSurface extends DaemonSurface {
  readonly state: AgentState;
  readonly pid: string;
  readonly startedAt: number;
  readonly containers: Omit<Containerizer, 'recover' | 'update'>;
  /** Isolators' work that has not ended, for `/containerizer/debug`. */
  pendingOperations(): readonly { readonly operation: string; readonly args: object }[];
  readonly standalone: StandaloneSandboxes;
  /** `--http_heartbeat_interval`. */
  readonly heartbeatMs: number;
}
