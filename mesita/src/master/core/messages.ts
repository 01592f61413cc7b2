import type * as internal from '../../wire/types/internal.ts';

/** What a master sends by libprocess: message names of `mesos.internal` and their bodies. */
interface Bodies {
  // To agents.
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
  // To scheduler drivers.
  ExecutorToFrameworkMessage: internal.ExecutorToFrameworkMessage;
  ExitedExecutorMessage: internal.ExitedExecutorMessage;
  FrameworkErrorMessage: internal.FrameworkErrorMessage;
  FrameworkRegisteredMessage: internal.FrameworkRegisteredMessage;
  FrameworkReregisteredMessage: internal.FrameworkReregisteredMessage;
  InverseOffersMessage: internal.InverseOffersMessage;
  LostSlaveMessage: internal.LostSlaveMessage;
  RescindInverseOfferMessage: internal.RescindInverseOfferMessage;
  RescindResourceOfferMessage: internal.RescindResourceOfferMessage;
  ResourceOffersMessage: internal.ResourceOffersMessage;
  StatusUpdateMessage: internal.StatusUpdateMessage;
}

export type PeerMessageName = keyof Bodies;
export type PeerMessageBody<Name extends PeerMessageName> = Bodies[Name];
export type PeerMessage = {
  [Name in PeerMessageName]: { readonly name: Name; readonly body: Bodies[Name] };
}[PeerMessageName];
