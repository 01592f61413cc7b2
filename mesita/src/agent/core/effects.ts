import type { AgentId, ContainerIdText, Pid, StreamId, TaskId } from '@mesita/sdk/base';
import type {
  AgentInfo,
  DrainConfig,
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  Resource,
  Task,
  Value,
} from '@mesita/sdk/types';
import type {
  ContainerConfig,
  ContainerState,
  ContainerTermination,
} from '@mesita/sdk/types/containerizer';
import type * as api from '@mesita/sdk/types/executor';
import type * as internal from '../../wire/types/internal.ts';
import type { AgentEvent, EventOf, RunName } from './events.ts';
import type { ExecutorConnection, Master, RunRef } from './state.ts';

/** The messages the agent sends, by the last part of their wire name. */
interface OutgoingMessages {
  RegisterSlaveMessage: internal.RegisterSlaveMessage;
  ReregisterSlaveMessage: internal.ReregisterSlaveMessage;
  UnregisterSlaveMessage: internal.UnregisterSlaveMessage;
  UpdateSlaveMessage: internal.UpdateSlaveMessage;
  PongSlaveMessage: internal.PongSlaveMessage;
  StatusUpdateMessage: internal.StatusUpdateMessage;
  ExitedExecutorMessage: internal.ExitedExecutorMessage;
  ExecutorToFrameworkMessage: internal.ExecutorToFrameworkMessage;
  UpdateOperationStatusMessage: internal.UpdateOperationStatusMessage;
}

export type OutgoingMessage = {
  [Name in keyof OutgoingMessages]: { readonly name: Name; readonly body: OutgoingMessages[Name] };
}[keyof OutgoingMessages];

/** One fact to keep on disk; where and in which form is the checkpoint room's business. */
export type CheckpointRecord =
  /** `drain` is absent when the agent is not being drained (any more). */
  | { readonly kind: 'agent'; readonly info: AgentInfo; readonly drain?: DrainConfig | undefined }
  | {
      readonly kind: 'framework';
      readonly agentId: AgentId;
      readonly info: FrameworkInfo;
      readonly pid: Pid | undefined;
    }
  | {
      readonly kind: 'executor';
      readonly run: RunRef;
      readonly info: ExecutorInfo;
      readonly generated: boolean;
    }
  /** It subscribed over HTTP, or is built in. */
  | { readonly kind: 'subscribed'; readonly run: RunRef }
  /** `launch` is kept for built-in executors only: they are made anew and told again. */
  | {
      readonly kind: 'task';
      readonly run: RunRef;
      readonly task: Task;
      readonly launch: api.Event | undefined;
    }
  | {
      readonly kind: 'update';
      readonly run: RunRef;
      readonly taskId: string;
      readonly record: internal.StatusUpdateRecord;
    }
  /** The run is over and owes nothing. */
  | { readonly kind: 'completed'; readonly run: RunRef }
  | ResourceRecord;

/**
 * All reservations and volumes, with the operations whose end is not acknowledged. Volumes that
 * are not among those `before` are made, those no longer there are removed with what is in them.
 */
export interface ResourceRecord {
  readonly kind: 'resources';
  readonly before: readonly Resource[];
  readonly resources: readonly Resource[];
  readonly operations: readonly Operation[];
}

type GarbageTarget =
  | { readonly kind: 'run'; readonly run: RunRef }
  /** Everything that earlier agents, under other ids, left in the work directory. */
  | { readonly kind: 'otherAgents'; readonly agentId: AgentId | undefined };

export type ResourceLimits = Readonly<Record<string, Value.Scalar>>;

/**
 * What the core wants done, in order. Effects that take time answer with the event their comment
 * names; nothing else depends on their end.
 */
export type AgentEffect =
  /** Best effort, in order per receiver. */
  | { readonly type: 'send'; readonly to: Pid; readonly message: OutgoingMessage }
  /** Watch the connection to a master; a break comes back as `MasterExited`. */
  | { readonly type: 'link'; readonly to: Pid }
  /** Find the leading master: `MasterDetected`, once for each call, when it differs from `previous`. */
  | { readonly type: 'detectMaster'; readonly previous: Master | undefined }
  /**
   * Prove to the master who this agent is: `Authenticated`, or the agent's end when it is refused.
   * Undefined gives up what is under way.
   */
  | { readonly type: 'authenticate'; readonly master: Pid | undefined }
  /** `then` is posted when this record and all before it are durable; absent: nobody waits. */
  | {
      readonly type: 'checkpoint';
      readonly records: readonly CheckpointRecord[];
      readonly then?: AgentEvent;
    }
  /** Make the sandbox, owned by `user`, with its `latest` link: `DirectoryCreated`. */
  | {
      readonly type: 'createDirectory';
      readonly run: RunName;
      readonly path: string;
      readonly user: string | undefined;
    }
  /** Once, after the checkpoints were read: `ContainersRecovered`. */
  | { readonly type: 'recoverContainers'; readonly known: readonly ContainerState[] }
  /** `ContainerLaunched`. */
  | {
      readonly type: 'launchContainer';
      readonly run: RunName;
      readonly config: ContainerConfig;
      readonly environment: Readonly<Record<string, string>>;
      /** Keep the forked pid with the checkpoints of this run. */
      readonly checkpoint: RunRef | undefined;
    }
  /** Wait for the end of a container: `ContainerTerminated`, at once when there is none. */
  | { readonly type: 'watchContainer'; readonly run: RunName }
  /** Change its limits: `ContainerUpdated` with `tasks` as given. */
  | {
      readonly type: 'updateContainer';
      readonly run: RunName;
      readonly resources: readonly Resource[];
      readonly limits: ResourceLimits;
      readonly tasks: readonly TaskId[];
    }
  | { readonly type: 'destroyContainer'; readonly container: ContainerIdText }
  /** It ended, and once the records before this are on the disk nobody asks how. */
  | { readonly type: 'forgetContainer'; readonly container: ContainerIdText }
  /** Make the agent's own executor object for a running container. Its calls are `ExecutorCall`s. */
  | {
      readonly type: 'startBuiltinExecutor';
      readonly run: RunName;
      readonly framework: FrameworkInfo;
      readonly executor: ExecutorInfo;
      readonly kind: 'COMMAND' | 'DEFAULT';
      readonly directory: string;
      /** Where its notes are kept; undefined when they need not outlive the agent. */
      readonly checkpoint: RunRef | undefined;
    }
  /** Tell it of the end of its container; when it has said what it has to: `BuiltinExecutorFinished`. */
  | {
      readonly type: 'finishBuiltinExecutor';
      readonly run: RunName;
      readonly termination: ContainerTermination | undefined;
    }
  | {
      readonly type: 'sendExecutor';
      readonly run: RunName;
      readonly connection: ExecutorConnection;
      readonly event: api.Event;
    }
  /** End an executor's stream; a built-in one is dropped. */
  | { readonly type: 'closeStream'; readonly connection: ExecutorConnection; readonly run: RunName }
  | {
      readonly type: 'respond';
      readonly request: number;
      readonly status: number;
      readonly body: string | undefined;
    }
  /** Answer a SUBSCRIBE with 200 and keep the stream; its end is `ExecutorStreamClosed`. */
  | {
      readonly type: 'openStream';
      readonly request: number;
      readonly run: RunName;
      readonly stream: StreamId;
    }
  /** A timer of the same id is replaced. */
  | {
      readonly type: 'setTimer';
      readonly id: string;
      readonly delayMs: number;
      readonly then: AgentEvent;
    }
  | { readonly type: 'cancelTimer'; readonly id: string }
  /** Have hooks decorate an update: `then`, with their answer. In order for each `key`. */
  | { readonly type: 'decorateUpdate'; readonly then: EventOf<'UpdateDecorated'> }
  /** Tell hooks of an executor that is about to be forgotten. */
  | {
      readonly type: 'executorRemoved';
      readonly framework: FrameworkInfo;
      readonly executor: ExecutorInfo;
    }
  /** Ask the resource estimator: `OversubscribableEstimated`. */
  | { readonly type: 'estimateOversubscribable' }
  /** Ask the QoS controller, which may take its time: `CorrectionsMade`. */
  | { readonly type: 'awaitCorrections' }
  /** Serve the sandbox under its virtual path too. */
  | {
      readonly type: 'attachFiles';
      readonly path: string;
      readonly virtual: string;
      /** Whose it is: what the authorizer is asked about. */
      readonly frameworkInfo: FrameworkInfo;
      readonly executorInfo: ExecutorInfo;
    }
  /** Remove it when it is older than `delayMs`; what is `fresh` was in use until now. */
  | {
      readonly type: 'scheduleGc';
      readonly target: GarbageTarget;
      readonly fresh: boolean;
      readonly delayMs: number;
    }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly text: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  /** Last effect of all. `error` is told to the operator. */
  | { readonly type: 'exit'; readonly status: number; readonly error?: string };
