import type {
  ContainerIdText,
  ExecutorId,
  FrameworkId,
  Pid,
  Result,
  StreamId,
  TaskId,
} from '@mesita/sdk/base';
import type { ContainerStatus, Resource } from '@mesita/sdk/types';
import type { ContainerTermination, QoSCorrection } from '@mesita/sdk/types/containerizer';
import type * as api from '@mesita/sdk/types/executor';
import type * as internal from '../../wire/types/internal.ts';
import type { RecoveredAgent, RecoveredResources } from './recovered.ts';
import type { Master } from './state.ts';

/** The messages the agent takes, by the last part of their wire name. Others are not for it. */
export interface IncomingMessages {
  SlaveRegisteredMessage: internal.SlaveRegisteredMessage;
  SlaveReregisteredMessage: internal.SlaveReregisteredMessage;
  PingSlaveMessage: internal.PingSlaveMessage;
  ShutdownMessage: internal.ShutdownMessage;
  RunTaskMessage: internal.RunTaskMessage;
  RunTaskGroupMessage: internal.RunTaskGroupMessage;
  KillTaskMessage: internal.KillTaskMessage;
  ShutdownExecutorMessage: internal.ShutdownExecutorMessage;
  ShutdownFrameworkMessage: internal.ShutdownFrameworkMessage;
  UpdateFrameworkMessage: internal.UpdateFrameworkMessage;
  FrameworkToExecutorMessage: internal.FrameworkToExecutorMessage;
  StatusUpdateAcknowledgementMessage: internal.StatusUpdateAcknowledgementMessage;
  CheckpointResourcesMessage: internal.CheckpointResourcesMessage;
  ApplyOperationMessage: internal.ApplyOperationMessage;
  ReconcileOperationsMessage: internal.ReconcileOperationsMessage;
  AcknowledgeOperationStatusMessage: internal.AcknowledgeOperationStatusMessage;
  DrainSlaveMessage: internal.DrainSlaveMessage;
}

/** A libprocess message, decoded. */
export type MessageEvent = {
  [Name in keyof IncomingMessages]: {
    readonly type: Name;
    readonly from: Pid;
    readonly message: IncomingMessages[Name];
  };
}[keyof IncomingMessages];

/** Names the run of an executor an event is about; events of earlier runs are ignored. */
export interface RunName {
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  readonly container: ContainerIdText;
}

/** Who made an executor call. A request is answered by exactly one `respond` or `openStream`. */
export type CallOrigin =
  | {
      readonly kind: 'http';
      readonly request: number;
      /** Becomes the connection's name when the call is a SUBSCRIBE that is granted. */
      readonly stream: StreamId;
      readonly claims: Readonly<Record<string, string>> | undefined;
    }
  | { readonly kind: 'builtin'; readonly container: ContainerIdText };

type RecoveryEvent =
  /** Once, first of all: what the work directory holds; undefined for a fresh or a new agent. */
  | {
      readonly type: 'CheckpointsRead';
      readonly recovered: RecoveredAgent | undefined;
      /** Absent: nothing was reserved or created. They fit what the flags say. */
      readonly resources?: RecoveredResources | undefined;
    }
  /** The containerizer knows its containers again; `statuses` holds those that still live. */
  | {
      readonly type: 'ContainersRecovered';
      readonly statuses: ReadonlyMap<ContainerIdText, ContainerStatus>;
    }
  | { readonly type: 'ReregistrationTimedOut' };

type MasterEvent =
  /** The detector's word; undefined: none is leading. */
  | { readonly type: 'MasterDetected'; readonly master: Master | undefined }
  /** The link to that process broke. */
  | { readonly type: 'MasterExited'; readonly pid: Pid }
  /** With a credential: before the first registration with a master. */
  | { readonly type: 'AuthenticationDue' }
  | { readonly type: 'Authenticated'; readonly master: Pid }
  | { readonly type: 'RegistrationDue'; readonly attempt: number }
  | { readonly type: 'PingTimedOut'; readonly master: Pid }
  /** SIGUSR1: tell the master, end everything, exit. */
  | { readonly type: 'Leave'; readonly message: string };

type ExecutorEvent =
  | { readonly type: 'DirectoryCreated'; readonly run: RunName; readonly result: Result<void> }
  /** The records of the executor and of its queued tasks are durable. */
  | { readonly type: 'LaunchCheckpointed'; readonly run: RunName }
  /** An error is the container's end as well: no `ContainerTerminated` follows. */
  | {
      readonly type: 'ContainerLaunched';
      readonly run: RunName;
      readonly result: Result<ContainerStatus>;
    }
  /** Once for each `watchContainer`; termination is undefined when there is no such container. */
  | {
      readonly type: 'ContainerTerminated';
      readonly run: RunName;
      readonly termination: ContainerTermination | undefined;
    }
  /** A built-in executor has said everything about the end of its container. */
  | {
      readonly type: 'BuiltinExecutorFinished';
      readonly run: RunName;
      readonly termination: ContainerTermination | undefined;
    }
  | {
      readonly type: 'ContainerUpdated';
      readonly run: RunName;
      readonly tasks: readonly TaskId[];
      readonly result: Result<void>;
    }
  | {
      readonly type: 'ExecutorCall';
      readonly origin: CallOrigin;
      readonly call: api.Call;
      /** For an UPDATE that names a container inside the executor's: what is known of that one. */
      readonly status?: ContainerStatus | undefined;
    }
  | { readonly type: 'ExecutorStreamClosed'; readonly run: RunName; readonly stream: StreamId }
  | { readonly type: 'ExecutorHeartbeatDue'; readonly run: RunName; readonly stream: StreamId }
  | { readonly type: 'ExecutorRegistrationTimedOut'; readonly run: RunName }
  | { readonly type: 'ShutdownGraceExpired'; readonly run: RunName };

type UpdateEvent =
  /** The hooks have said what they have to about an update. A repeated one only waited its turn. */
  | {
      readonly type: 'UpdateDecorated';
      readonly key: string;
      readonly update: internal.StatusUpdate;
      readonly isNew: boolean;
      readonly run: RunName | undefined;
    }
  /** The record of this update is durable. `run` is the executor that waits to be told. */
  | {
      readonly type: 'UpdateCheckpointed';
      readonly key: string;
      readonly update: internal.StatusUpdate;
      readonly isNew: boolean;
      readonly run: RunName | undefined;
    }
  | { readonly type: 'UpdateRetryDue'; readonly key: string; readonly uuid: string };

type OperationEvent =
  /** What it did is on the disk. `key` names it in the books. */
  | { readonly type: 'OperationCheckpointed'; readonly key: string }
  | { readonly type: 'OperationRetryDue'; readonly key: string };

type OversubscriptionEvent =
  | { readonly type: 'OversubscriptionDue' }
  /** What may be lent beside what is; all of it revocable. */
  | {
      readonly type: 'OversubscribableEstimated';
      readonly result: Result<readonly Resource[]>;
    }
  | { readonly type: 'CorrectionsDue' }
  | { readonly type: 'CorrectionsMade'; readonly result: Result<readonly QoSCorrection[]> };

export type AgentEvent =
  | MessageEvent
  | RecoveryEvent
  | MasterEvent
  | ExecutorEvent
  | UpdateEvent
  | OperationEvent
  | OversubscriptionEvent;
export type AgentEventType = AgentEvent['type'];
export type EventOf<Type extends AgentEventType> = Extract<AgentEvent, { readonly type: Type }>;
