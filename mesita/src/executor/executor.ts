import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerID, ExecutorInfo, FrameworkInfo } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerTermination } from '@mesita/sdk/types/containerizer';
import type * as api from '@mesita/sdk/types/executor';

/** What a built-in executor may do to containers: its own, and those it starts inside it. */
export interface ExecutorContainers {
  kill(id: ContainerID, signal: number): Promise<boolean>;
  wait(id: ContainerID): Promise<ContainerTermination | undefined>;
  destroy(id: ContainerID): Promise<ContainerTermination | undefined>;
  launchNested(id: ContainerID, config: ContainerConfig): Promise<void>;
  remove(id: ContainerID): Promise<void>;
}

export interface ExecutorContext {
  readonly framework: FrameworkInfo;
  readonly executor: ExecutorInfo;
  readonly container: ContainerID;
  readonly sandbox: string;
  readonly shutdownGracePeriodMs: number;
  readonly containers: ExecutorContainers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Address of the containers' network, for `MESOS_CONTAINER_IP`. */
  readonly containerIp?: string | undefined;
  /** A version 4 UUID, as 16 bytes, for each status update. */
  readonly uuid: () => Uint8Array;
  /** Sends a call to the agent, as an executor process would over HTTP. */
  readonly call: (call: api.Call) => void;
  /** What `remember` was given last, when the agent takes the executor up again. */
  readonly remembered?: string | undefined;
  /** Keeps the executor's notes for as long as its container: they replace earlier ones. */
  readonly remember?: ((notes: string) => Promise<void>) | undefined;
}

/**
 * An executor inside the agent. It speaks the executor API's own events and calls, so the agent
 * treats it like any other; it holds no process of its own. Its first call is SUBSCRIBE.
 */
export interface BuiltinExecutor {
  /** An event of the executor API, in the order the agent sent them. */
  receive(event: api.Event): void;
  /**
   * The executor's own container ended. The executor reports the terminal states it owes (by
   * `call`) before the promise resolves; only then does the agent see the executor as gone.
   */
  terminated(termination: ContainerTermination | undefined): Promise<void>;
}

/** Makes one when its container was launched, and again when the agent took the container up. */
export type CreateBuiltinExecutor = (context: ExecutorContext) => BuiltinExecutor;
