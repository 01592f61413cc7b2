import type { Core } from '../../actor/core.ts';
import { uuidBytes } from '../../wire/uuid.ts';
import type { AgentConfig } from './config.ts';
import type { Context, Handler } from './context.ts';
import type { AgentEffect } from './effects.ts';
import type { AgentEvent, AgentEventType } from './events.ts';
import * as containers from './handlers/containers.ts';
import * as detection from './handlers/detection.ts';
import { drainAgent } from './handlers/drain.ts';
import * as ending from './handlers/ending.ts';
import * as calls from './handlers/executor-calls.ts';
import * as frameworks from './handlers/frameworks.ts';
import { killTask } from './handlers/kill.ts';
import * as launch from './handlers/launch.ts';
import * as operations from './handlers/operations.ts';
import * as oversubscription from './handlers/oversubscription.ts';
import * as pings from './handlers/pings.ts';
import * as recovery from './handlers/recovery.ts';
import * as registration from './handlers/registration.ts';
import * as updates from './handlers/updates.ts';
import { type AgentState, createAgentState } from './state.ts';
import { updateDecorated } from './status-updates/keep.ts';

/** One handler for each event: a new event does not compile until somebody handles it. */
const handlers: { readonly [Type in AgentEventType]: Handler<Type> } = {
  CheckpointsRead: recovery.checkpointsRead,
  ContainersRecovered: recovery.containersRecovered,
  ReregistrationTimedOut: recovery.reregistrationTimedOut,

  MasterDetected: detection.masterDetected,
  MasterExited: detection.masterExited,
  AuthenticationDue: detection.authenticationDue,
  Authenticated: detection.authenticated,
  RegistrationDue: registration.registrationDue,
  SlaveRegisteredMessage: registration.slaveRegistered,
  SlaveReregisteredMessage: registration.slaveReregistered,
  PingSlaveMessage: pings.pingSlave,
  PingTimedOut: pings.pingTimedOut,
  ShutdownMessage: ending.shutdownAgent,
  Leave: ending.leave,

  RunTaskMessage: launch.runTask,
  RunTaskGroupMessage: launch.runTaskGroup,
  KillTaskMessage: killTask,

  UpdateFrameworkMessage: frameworks.updateFramework,
  ShutdownFrameworkMessage: frameworks.frameworkShutdown,
  ShutdownExecutorMessage: frameworks.executorShutdown,
  FrameworkToExecutorMessage: frameworks.frameworkToExecutor,

  DirectoryCreated: containers.directoryCreated,
  LaunchCheckpointed: containers.launchCheckpointed,
  ContainerLaunched: containers.containerLaunched,
  ContainerUpdated: containers.containerUpdated,
  ContainerTerminated: containers.containerTerminated,
  BuiltinExecutorFinished: containers.builtinExecutorFinished,
  ExecutorRegistrationTimedOut: containers.executorRegistrationTimedOut,
  ShutdownGraceExpired: containers.shutdownGraceExpired,

  ExecutorCall: calls.executorCall,
  ExecutorStreamClosed: calls.executorStreamClosed,
  ExecutorHeartbeatDue: calls.executorHeartbeatDue,

  OversubscriptionDue: oversubscription.oversubscriptionDue,
  OversubscribableEstimated: oversubscription.oversubscribableEstimated,
  CorrectionsDue: oversubscription.correctionsDue,
  CorrectionsMade: oversubscription.correctionsMade,

  UpdateDecorated: updateDecorated,
  UpdateCheckpointed: updates.updateCheckpointed,
  UpdateRetryDue: updates.updateRetryDue,
  StatusUpdateAcknowledgementMessage: updates.statusUpdateAcknowledged,

  ApplyOperationMessage: operations.applyOperation,
  OperationCheckpointed: operations.operationCheckpointed,
  OperationRetryDue: operations.operationRetryDue,
  ReconcileOperationsMessage: operations.reconcileOperations,
  AcknowledgeOperationStatusMessage: operations.operationAcknowledged,
  CheckpointResourcesMessage: operations.checkpointResources,
  DrainSlaveMessage: drainAgent,
};

interface AgentCore extends Core<AgentEvent, AgentEffect> {
  readonly state: AgentState;
}

/** An agent that has read nothing yet: `CheckpointsRead` is its first event. */
export function createAgentCore(config: AgentConfig): AgentCore {
  const state = createAgentState(config.info, uuidBytes(config.random));
  return {
    state,
    step(now, event) {
      const effects: AgentEffect[] = [];
      const context: Context = { now, config, state, emit: (effect) => effects.push(effect) };
      (handlers[event.type] as Handler<AgentEventType>)(context, event);
      return effects;
    },
  };
}
