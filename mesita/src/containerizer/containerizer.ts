import type { ResourceLimitMap } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { ContainerID, ContainerStatus, ResourceStatistics } from '@mesita/sdk/types';
import type {
  ContainerConfig,
  ContainerState,
  ContainerTermination,
} from '@mesita/sdk/types/containerizer';
import type { ContainerInput, ContainerOutput } from './mesos/io-switchboard/attachment.ts';

export type LaunchResult = 'LAUNCHED' | 'ALREADY_LAUNCHED' | 'NOT_SUPPORTED';

export interface LaunchRequest {
  readonly id: ContainerID;
  readonly config: ContainerConfig;
  /** What the agent gives the process, before isolators and the user's command add theirs. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Where the forked pid is written before anything of the user's runs. Who gives one may come back
   * after a restart: the container's termination is kept until it is removed.
   */
  readonly pidPath?: string | undefined;
  /** Whoever launches it attaches to its output next: it prints nothing before. */
  readonly isSession?: boolean | undefined;
}

/**
 * Runs containers for the agent. A container's life is one straight line with one owner; every
 * method may be called in any state and answers for unknown ids as its comment says.
 */
export interface Containerizer {
  /** Once, before anything else. `known` are the executors' containers the agent read back. */
  recover(known: readonly ContainerState[]): Promise<void>;
  /** Resolves when the user's process runs. Rejects with the reason; the container is destroyed. */
  launch(request: LaunchRequest): Promise<LaunchResult>;
  /** Changes a root container's limits. Unknown and dying containers are left alone. */
  update(id: ContainerID, requests: Resources, limits: ResourceLimitMap): Promise<void>;
  usage(id: ContainerID): Promise<ResourceStatistics>;
  status(id: ContainerID): Promise<ContainerStatus>;
  /** Resolves when the container is destroyed and cleaned up; undefined for an unknown id. */
  wait(id: ContainerID): Promise<ContainerTermination | undefined>;
  /** Ends it and everything in it, whatever its state. Undefined for an unknown id. */
  destroy(id: ContainerID): Promise<ContainerTermination | undefined>;
  /** Sends a signal to its process. False for an unknown or ended one. */
  kill(id: ContainerID, signal: number): Promise<boolean>;
  /** Forgets an ended container; a nested one's sandbox goes too. Nothing for an unknown id. */
  remove(id: ContainerID): Promise<void>;
  /** Rejects for an unknown container, and one that has neither a terminal nor is a session. */
  attachOutput(id: ContainerID): Promise<ContainerOutput>;
  /** The same. One at a time may. */
  attachInput(id: ContainerID): Promise<ContainerInput | 'BUSY'>;
  /** Calls back whenever a container ended that was no executor's, with where it had its sandbox. */
  onSandboxLeft(listener: (root: string, below: string) => void): void;
  /** Every live container, nested ones included. */
  containers(): Promise<readonly ContainerID[]>;
}
