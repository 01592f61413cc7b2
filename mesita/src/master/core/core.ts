import type { Instant } from '@mesita/sdk/base';
import type { Core } from '../../actor/core.ts';
import type { MasterConfig } from './config.ts';
import type { MasterEffect } from './effects.ts';
import type { EventOf, EventType, MasterEvent } from './events.ts';
import { updateAgent } from './handlers/agent-update.ts';
import {
  agentAuthorized,
  agentMarkedGone,
  agentMarkedUnreachable,
  agentPonged,
  agentRemoved,
  peerExited,
  pingTimedOut,
  reregistrationTimedOut,
  unregisterAgent,
} from './handlers/agents.ts';
import { agentChanged, agentDrained, changeAgent } from './handlers/draining.ts';
import {
  deactivateFramework,
  failoverTimedOut,
  heartbeatDue,
  streamClosed,
  teardownFramework,
} from './handlers/frameworks.ts';
import { changeMaintenance, maintenanceChanged } from './handlers/maintenance.ts';
import { inverseOffersMade, offersMade, offerTimedOut } from './handlers/offers.ts';
import { updateOperationStatus } from './handlers/operation-updates.ts';
import { quotaUpdated, requestQuota, updateQuota } from './handlers/quota.ts';
import { agentAdmitted, registerAgent } from './handlers/registration.ts';
import {
  leaderDetected,
  recoveryTimedOut,
  registryGcDue,
  registryPruned,
  registryRecovered,
} from './handlers/registry.ts';
import { agentInfoUpdated } from './handlers/reregistration/known-agent.ts';
import { agentReadmitted } from './handlers/reregistration/readmission.ts';
import { reregisterAgent } from './handlers/reregistration/request.ts';
import { availableConverted, changeResources } from './handlers/resource-changes.ts';
import { driverCall, schedulerCall } from './handlers/scheduler-call.ts';
import { executorMessage, exitedExecutor, statusUpdate } from './handlers/status-updates.ts';
import { subscriptionAuthorized } from './handlers/subscription.ts';
import { updateWeights, weightsUpdated } from './handlers/weights.ts';
import { createState, type MasterState } from './state.ts';
import type { Turn } from './turn.ts';
import { removalPermitted } from './unreachable.ts';

type Handlers = { readonly [Type in EventType]: (turn: Turn, event: EventOf<Type>) => void };

const handlers: Handlers = {
  RegisterAgent: registerAgent,
  ReregisterAgent: reregisterAgent,
  UpdateAgent: updateAgent,
  UnregisterAgent: unregisterAgent,
  StatusUpdate: statusUpdate,
  ExitedExecutor: exitedExecutor,
  ExecutorMessage: executorMessage,
  UpdateOperationStatus: updateOperationStatus,
  AgentPonged: agentPonged,
  PeerExited: peerExited,
  SchedulerCall: schedulerCall,
  StreamClosed: streamClosed,
  DriverCall: driverCall,
  DeactivateFramework: deactivateFramework,
  TeardownFramework: teardownFramework,
  UpdateWeights: updateWeights,
  UpdateQuota: updateQuota,
  SetQuota: requestQuota,
  ChangeResources: changeResources,
  ChangeAgent: changeAgent,
  ChangeMaintenance: changeMaintenance,
  AvailableConverted: availableConverted,
  LeaderDetected: leaderDetected,
  RegistryRecovered: registryRecovered,
  AgentAdmitted: agentAdmitted,
  AgentReadmitted: agentReadmitted,
  AgentInfoUpdated: agentInfoUpdated,
  AgentMarkedUnreachable: agentMarkedUnreachable,
  AgentRemoved: agentRemoved,
  AgentMarkedGone: agentMarkedGone,
  AgentChanged: agentChanged,
  AgentDrained: agentDrained,
  MaintenanceChanged: maintenanceChanged,
  RegistryPruned: registryPruned,
  CapabilitiesRecorded: () => {},
  FrameworkNoted: () => {},
  WeightsUpdated: weightsUpdated,
  QuotaUpdated: quotaUpdated,
  SubscriptionAuthorized: subscriptionAuthorized,
  AgentAuthorized: agentAuthorized,
  OffersMade: offersMade,
  InverseOffersMade: inverseOffersMade,
  HeartbeatDue: heartbeatDue,
  OfferTimedOut: offerTimedOut,
  FailoverTimedOut: failoverTimedOut,
  PingTimedOut: pingTimedOut,
  ReregistrationTimedOut: reregistrationTimedOut,
  RecoveryTimedOut: recoveryTimedOut,
  RemovalPermitted: removalPermitted,
  RegistryGcDue: registryGcDue,
};

interface MasterCore extends Core<MasterEvent, MasterEffect> {
  /** For reading; it changes only in `step`. */
  readonly state: MasterState;
}

export function createMasterCore(config: MasterConfig, startedAt: Instant): MasterCore {
  const state = createState(config, startedAt);
  return {
    state,
    step(now, event) {
      const effects: MasterEffect[] = [];
      const turn: Turn = { state, config, now, emit: (effect) => effects.push(effect) };
      if (!state.recovered && !isForNewcomers(event)) refuseEarly(turn, event);
      else (handlers[event.type] as (turn: Turn, event: MasterEvent) => void)(turn, event);
      return effects;
    },
  };
}

function isForNewcomers(event: MasterEvent): boolean {
  return event.type === 'LeaderDetected' || event.type === 'RegistryRecovered';
}

/** Agents and drivers send again; whoever waits for an answer gets one. */
function refuseEarly(turn: Turn, event: MasterEvent): void {
  if (!('requestId' in event) || event.requestId === undefined) return;
  turn.emit({
    type: 'respond',
    requestId: event.requestId,
    status: 503,
    body: 'Master has not finished recovery',
  });
}
