/** What a container's process is made of. Every path is absolute. */
export interface ForkSpec {
  /** The container's runtime directory: `status` and the FIFO `alive` appear in it. */
  readonly directory: string;
  readonly cwd: string;
  /** Files that get its output, made when missing, appended to otherwise. */
  readonly stdout: string;
  readonly stderr: string;
  readonly user?: UserIds | undefined;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly rlimits: readonly ResourceLimit[];
  /** Shell commands, run one after the other as the agent's user before the user's program. */
  readonly preExec: readonly string[];
}

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface ResourceLimit {
  /** The kernel's number of it. */
  readonly resource: number;
  readonly name: string;
  /** Absent: unlimited. */
  readonly soft?: number | undefined;
  readonly hard?: number | undefined;
}

export interface Forked {
  readonly pid: number;
  readonly supervisor: number;
}

/**
 * A small process beside the agent that forks for it, so that the agent's loop never waits for a
 * spawn and containers live on without it. native/README.md states what both kinds promise.
 */
export interface Forker {
  /** The process exists, in its own session, and runs nothing until it is released. */
  fork(spec: ForkSpec): Promise<Forked>;
  /** Lets it run. Rejects when it is gone or was released before. */
  release(forked: Forked, directory: string): Promise<void>;
  /** Ends the forker. Processes not yet released end with it; the others go on. */
  close(): Promise<void>;
}

/** Stands for no program: the process only waits until it is ended. */
export const idleProgram = '<idle>';
