import type { ContainerConfig } from '../../types/containerizer.ts';
import type { ContainerID } from '../../types/index.ts';

/** Where a stream of a container comes from or goes to. Never a pipe that ends with the agent. */
export type ContainerStream =
  | { readonly type: 'path'; readonly path: string }
  /**
   * A program whose standard input is the stream. It runs beside the container, outlives the agent,
   * and should end at the end of its input. Its working directory is its own.
   */
  | {
      readonly type: 'command';
      readonly argv: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      /** As whom the container runs, where it writes into the sandbox; else as the agent. */
      readonly asContainerUser?: boolean;
    };

export interface ContainerIO {
  readonly stdout: ContainerStream;
  readonly stderr: ContainerStream;
}

/** Takes what containers print. Must not lose a line when the agent restarts. */
export interface ContainerLogger {
  /** Once, right after it was made. A rejection ends the agent's start. */
  initialize?(): void | Promise<void>;
  /** Before the fork, nested and standalone containers too. A rejection fails the launch. */
  prepare(id: ContainerID, config: ContainerConfig): ContainerIO | Promise<ContainerIO>;
}
