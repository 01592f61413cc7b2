import type * as internal from '../../wire/types/internal.ts';

/** What a master says to agents: message names of `mesos.internal` and their bodies. */
interface Bodies {
  AcknowledgeOperationStatusMessage: internal.AcknowledgeOperationStatusMessage;
  ApplyOperationMessage: internal.ApplyOperationMessage;
  CheckpointResourcesMessage: internal.CheckpointResourcesMessage;
  DrainSlaveMessage: internal.DrainSlaveMessage;
  FrameworkToExecutorMessage: internal.FrameworkToExecutorMessage;
  KillTaskMessage: internal.KillTaskMessage;
  PingSlaveMessage: internal.PingSlaveMessage;
  ReconcileOperationsMessage: internal.ReconcileOperationsMessage;
  RunTaskGroupMessage: internal.RunTaskGroupMessage;
  RunTaskMessage: internal.RunTaskMessage;
  ShutdownExecutorMessage: internal.ShutdownExecutorMessage;
  ShutdownFrameworkMessage: internal.ShutdownFrameworkMessage;
  ShutdownMessage: internal.ShutdownMessage;
  SlaveRegisteredMessage: internal.SlaveRegisteredMessage;
  SlaveReregisteredMessage: internal.SlaveReregisteredMessage;
  StatusUpdateAcknowledgementMessage: internal.StatusUpdateAcknowledgementMessage;
  UpdateFrameworkMessage: internal.UpdateFrameworkMessage;
}

export type AgentMessageName = keyof Bodies;
export type AgentMessage = {
  [Name in AgentMessageName]: { readonly name: Name; readonly body: Bodies[Name] };
}[AgentMessageName];
