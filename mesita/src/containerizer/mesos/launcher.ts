import type { ContainerID, ContainerStatus } from '@mesita/sdk/types';
import type { ContainerState } from '@mesita/sdk/types/containerizer';
import type { ForkSpec } from '../../linux/launcher/forker.ts';

/** Starts and ends the processes of containers. `posix` and, later, `linux` are its kinds. */
export interface Launcher {
  readonly name: string;
  /** Once after a restart. Answers the containers that it finds and nobody knows. */
  recover(states: readonly ContainerState[]): Promise<ContainerID[]>;
  /** A process that waits for `release`. */
  fork(id: ContainerID, spec: ForkSpec): Promise<number>;
  release(id: ContainerID): Promise<void>;
  /** Resolves when the process that was forked has ended; at once for an unknown container. */
  ended(id: ContainerID): Promise<void>;
  /** False when the process is gone. The signal goes to its whole group. */
  kill(id: ContainerID, signal: number): Promise<boolean>;
  /** Ends every process of the container and forgets it. Nothing to do for an unknown one. */
  destroy(id: ContainerID): Promise<void>;
  status(id: ContainerID): ContainerStatus;
  close(): Promise<void>;
}
