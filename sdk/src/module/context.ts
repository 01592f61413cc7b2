import type { Clock, Duration, Logger, Random } from '../base/index.ts';
import type { ContainerID } from '../types/index.ts';
import type { SecretResolver } from './kinds/index.ts';

/** The only door of a module to the daemon that made it. */
export interface ModuleContext {
  /** The name of this instance: the module's own, or `as` of its manifest. */
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when the daemon shuts down. */
  readonly signal: AbortSignal;
  readonly metrics: ModuleMetrics;
  readonly routes: ModuleRoutes;
}

export interface AgentModuleContext extends ModuleContext {
  /** Survives the agent and reboots. */
  readonly workDir: string;
  /** Survives the agent, not a reboot. */
  readonly runtimeDir: string;
}

export interface IsolatorContext extends AgentModuleContext {
  readonly containers: ContainerCheckpoints;
  /** Of `--secret_resolver`: rejects what it cannot resolve. */
  readonly secrets: SecretResolver;
}

/**
 * Numbers under `modules/<instance>/<name>` in the daemon's metrics. Asking for a name again gives
 * what it gave before.
 */
export interface ModuleMetrics {
  counter(name: string): { increment(by?: number): void };
  /** `read` is called for each snapshot. */
  gauge(name: string, read: () => number): void;
  /** The function that `start` gives records how long it took. */
  timer(name: string): { record(duration: Duration): void; start(): () => void };
}

export interface ModuleRequest {
  readonly method: string;
  /** What follows the route's own path, without slashes at its ends. */
  readonly rest: string;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Whom the daemon's authentication named. */
  readonly principal: string | undefined;
  /** Aborted when nobody waits for the answer any more: it took longer than the deadline. */
  readonly signal: AbortSignal;
  /** The whole body; rejects beyond the daemon's limit. */
  text(): Promise<string>;
}

export interface ModuleResponse {
  /** 200 when absent. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text, or a value that is sent as JSON. */
  readonly body?: unknown;
}

/** HTTP under `/modules/<instance>/…`, behind the daemon's authentication for reads and writes. */
export interface ModuleRoutes {
  /** The longest path that fits wins; a later handler of the same path takes its place. */
  handle(
    path: string,
    handler: (request: ModuleRequest) => ModuleResponse | Promise<ModuleResponse>,
  ): void;
}

/**
 * What an isolator keeps of each container, as JSON. Survives the agent, not a reboot. After
 * `cleanup` the daemon drops it; of containers that vanished while no agent was there it calls
 * `cleanup` by itself, once, right after `recover`.
 */
export interface ContainerCheckpoints {
  get(id: ContainerID): unknown;
  /** Resolves once it is durable. */
  set(id: ContainerID, value: unknown): Promise<void>;
  all(): readonly { readonly id: ContainerID; readonly value: unknown }[];
}
