import type { ContainerID, ContainerStatus, ResourceStatistics } from '@mesita/sdk/types';
import type { Files } from '../../net/files.ts';
import type { AgentState } from '../core/state.ts';

/** What `/version` says. Times in seconds since 1970. */
export interface BuildInfo {
  readonly version: string;
  readonly build_date: string;
  readonly build_time: number;
  readonly build_user: string;
}

/** Everything that the agent's endpoints see and may ask for. */
export interface AgentSurface {
  readonly state: AgentState;
  readonly pid: string;
  readonly startedAt: number;
  readonly build: BuildInfo;
  /** Name → text, of every flag that has a value. */
  readonly flags: ReadonlyMap<string, string>;
  readonly files: Files;
  readonly containers: {
    usage(id: ContainerID): Promise<ResourceStatistics>;
    status(id: ContainerID): Promise<ContainerStatus>;
    /** Isolators' work that has not ended, for `/containerizer/debug`. */
    pending(): readonly { readonly operation: string; readonly args: object }[];
  };
  metrics(timeoutMs: number | undefined): Promise<ReadonlyMap<string, number>>;
  loggingLevel(): number;
  setLoggingLevel(level: number, durationMs: number): void;
}
