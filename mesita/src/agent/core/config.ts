import type { Pid, Random } from '@mesita/sdk/base';
import type { Hook } from '@mesita/sdk/module';
import type { AgentInfo, ContainerInfo } from '@mesita/sdk/types';

/** What the core is told once. All of it is data, but for the seeded chance. */
export interface AgentConfig {
  /** As the flags describe this agent, without an id. */
  readonly info: AgentInfo;
  readonly pid: Pid;
  /** The address containers on the host's network are reached at. */
  readonly ip: string;
  readonly version: string;
  readonly random: Random;
  readonly workDir: string;
  readonly launcherDir: string;
  readonly sandboxDirectory: string;
  readonly switchUser: boolean;
  readonly recover: 'reconnect' | 'cleanup';
  /** It has a credential, and proves to a master who it is before it registers. */
  readonly authenticates?: boolean | undefined;
  readonly registrationBackoffMs: number;
  readonly executorRegistrationTimeoutMs: number;
  readonly executorReregistrationTimeoutMs: number;
  readonly executorShutdownGraceMs: number;
  readonly recoveryTimeoutMs: number;
  readonly gcDelayMs: number;
  readonly maxCompletedExecutors: number;
  readonly httpCommandExecutor: boolean;
  /** What executors start with, under all that is computed for them. */
  readonly executorEnvironment: Readonly<Record<string, string>>;
  readonly defaultContainerInfo: ContainerInfo | undefined;
  /** Absent: nothing is lent, and nothing said about it. */
  readonly oversubscription?:
    | { readonly estimateIntervalMs: number; readonly correctionIntervalMs: number }
    | undefined;
  /** Moments at which hooks are installed; at others the core does not stop. */
  readonly hookedAt?: ReadonlySet<keyof Hook> | undefined;
}
