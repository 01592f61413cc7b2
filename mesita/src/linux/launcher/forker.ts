/** What a container's process is made of. Every path is absolute. */
export interface ForkSpec {
  /** The container's runtime directory: `status` and the FIFO `alive` appear in it. */
  readonly directory: string;
  readonly cwd: string;
  /** Files that get its output, made when missing, appended to otherwise; or FIFOs with a reader. */
  readonly stdout: string;
  readonly stderr: string;
  /** `/dev/null` when absent. */
  readonly stdin?: string | undefined;
  /** A terminal in place of all three; it becomes the controlling one. */
  readonly tty?: string | undefined;
  readonly user?: UserIds | undefined;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly rlimits: readonly ResourceLimit[];
  /** Shell commands, run one after the other as the agent's user before the user's program. */
  readonly preExec: readonly string[];
  /** What only the compiled launcher can do. */
  readonly confinement?: Confinement | undefined;
}

/** How a process is shut in. What is absent stays as the agent has it. */
export interface Confinement {
  /** `CLONE_NEW…` flags of the namespaces to make. */
  readonly clone?: number | undefined;
  /** Namespaces of another process to join, before new ones are made. */
  readonly enter?: { readonly pid: number; readonly flags: number } | undefined;
  /** Directories of cgroups that it is in before it is released. */
  readonly cgroups?: readonly string[] | undefined;
  /** Taken one after the other, before the pre-exec commands. */
  readonly steps?: readonly FileStep[] | undefined;
  /** Becomes `/` after them. */
  readonly root?: string | undefined;
  readonly capabilities?: CapabilitySets | undefined;
  /** A filter program as the kernel takes it. */
  readonly seccomp?: Uint8Array | undefined;
  readonly noNewPrivileges?: boolean | undefined;
}

/** Bit n is capability n. */
export interface CapabilitySets {
  readonly bounding: bigint;
  readonly effective?: bigint | undefined;
}

/** A path; below `root`, when given, no link leads out of it. */
export interface Place {
  readonly path: string;
  readonly root?: string | undefined;
}

export type FileStep =
  | { readonly kind: 'mount'; readonly target: Place; readonly mount: MountDetails }
  | { readonly kind: 'mask'; readonly target: Place }
  | { readonly kind: 'symlink'; readonly target: Place; readonly to: string }
  | { readonly kind: 'rename'; readonly target: Place; readonly from: Place }
  | { readonly kind: 'mkdir'; readonly target: Place; readonly recursive: boolean };

export interface MountDetails {
  readonly source?: Place | undefined;
  readonly type?: string | undefined;
  /** `MS_…` flags. */
  readonly flags: number;
  readonly options?: string | undefined;
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
