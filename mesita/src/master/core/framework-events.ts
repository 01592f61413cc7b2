import type { Pid } from '@mesita/sdk/base';
import type { InverseOffer, Offer, OperationStatus, scheduler } from '@mesita/sdk/types';
import type { AgentID, ExecutorID, OfferID } from '@mesita/sdk/types/mesos';
import type * as internal from '../../wire/types/internal.ts';
import { countOf, type Framework } from './framework.ts';
import type { PeerMessage } from './messages.ts';
import type { Turn } from './turn.ts';

/**
 * Telling a framework, in the words of its connection: events on an HTTP stream, messages to a
 * scheduler driver. Nothing is said to a framework that is not connected.
 */
function tell(turn: Turn, framework: Framework, event: scheduler.Event, message?: PeerMessage) {
  const { connection } = framework;
  if (connection.kind === 'none') return;
  countOf(framework, 'events');
  countOf(framework, `events/${event.type?.toLowerCase()}`);
  if (connection.kind === 'http') {
    turn.emit({ type: 'publish', stream: connection.stream, event });
  } else if (message) {
    turn.emit({ type: 'send', to: connection.pid, from: 'master', message });
  }
}

/** A driver that is back on its old address is told that it was known; others start anew. */
export function tellSubscribed(turn: Turn, framework: Framework, isReturn = false): void {
  const { info: masterInfo } = turn.state;
  const frameworkId = { value: framework.id };
  const subscribed = {
    frameworkId,
    heartbeatIntervalSeconds: turn.config.heartbeatIntervalMs / 1000,
    masterInfo,
  };
  tell(
    turn,
    framework,
    { type: 'SUBSCRIBED', subscribed },
    isReturn
      ? { name: 'FrameworkReregisteredMessage', body: { frameworkId, masterInfo } }
      : { name: 'FrameworkRegisteredMessage', body: { frameworkId, masterInfo } },
  );
}

export function tellHeartbeat(turn: Turn, framework: Framework): void {
  tell(turn, framework, { type: 'HEARTBEAT' });
}

/** `pids` are those of the offers' agents, for drivers that talk to agents directly. */
export function tellOffers(
  turn: Turn,
  framework: Framework,
  offers: readonly Offer[],
  pids: readonly Pid[],
): void {
  tell(
    turn,
    framework,
    { type: 'OFFERS', offers: { offers } },
    { name: 'ResourceOffersMessage', body: { offers, pids } },
  );
}

export function tellInverseOffers(
  turn: Turn,
  framework: Framework,
  inverseOffers: readonly InverseOffer[],
  pids: readonly Pid[],
): void {
  tell(
    turn,
    framework,
    { type: 'INVERSE_OFFERS', inverseOffers: { inverseOffers } },
    { name: 'InverseOffersMessage', body: { inverseOffers, pids } },
  );
}

export function tellRescind(turn: Turn, framework: Framework, offerId: OfferID): void {
  tell(
    turn,
    framework,
    { type: 'RESCIND', rescind: { offerId } },
    { name: 'RescindResourceOfferMessage', body: { offerId } },
  );
}

export function tellRescindInverse(
  turn: Turn,
  framework: Framework,
  inverseOfferId: OfferID,
): void {
  tell(
    turn,
    framework,
    { type: 'RESCIND_INVERSE_OFFER', rescindInverseOffer: { inverseOfferId } },
    { name: 'RescindInverseOfferMessage', body: { inverseOfferId } },
  );
}

/**
 * `acknowledgee` is the agent that waits for an acknowledgement; an update of the master's own has
 * none, and must not carry a uuid.
 */
export function tellUpdate(
  turn: Turn,
  framework: Framework,
  update: internal.StatusUpdate,
  acknowledgee?: Pid,
): void {
  const { uuid: _, ...rest } = update.status;
  const uuid = acknowledgee !== undefined && update.uuid?.length ? update.uuid : undefined;
  const status = {
    ...rest,
    timestamp: update.timestamp,
    ...(update.agentId && { agentId: update.agentId }),
    ...(update.executorId && { executorId: update.executorId }),
    ...(uuid && { uuid }),
  };
  tell(
    turn,
    framework,
    { type: 'UPDATE', update: { status } },
    { name: 'StatusUpdateMessage', body: { update, pid: acknowledgee ?? '@0.0.0.0:0' } },
  );
}

export function tellMessage(
  turn: Turn,
  framework: Framework,
  message: internal.ExecutorToFrameworkMessage,
): void {
  const { agentId, executorId, data } = message;
  tell(
    turn,
    framework,
    { type: 'MESSAGE', message: { agentId, executorId, data } },
    { name: 'ExecutorToFrameworkMessage', body: message },
  );
}

export function tellAgentLost(turn: Turn, framework: Framework, agentId: AgentID): void {
  tell(
    turn,
    framework,
    { type: 'FAILURE', failure: { agentId } },
    { name: 'LostSlaveMessage', body: { agentId } },
  );
}

export function tellExecutorExited(
  turn: Turn,
  framework: Framework,
  agentId: AgentID,
  executorId: ExecutorID,
  status: number,
): void {
  tell(
    turn,
    framework,
    { type: 'FAILURE', failure: { agentId, executorId, status } },
    {
      name: 'ExitedExecutorMessage',
      body: { agentId, executorId, status, frameworkId: { value: framework.id } },
    },
  );
}

/** Drivers learn of operations by no message at all. */
export function tellOperationStatus(
  turn: Turn,
  framework: Framework,
  status: OperationStatus,
): void {
  tell(turn, framework, { type: 'UPDATE_OPERATION_STATUS', updateOperationStatus: { status } });
}

export function tellError(turn: Turn, framework: Framework, message: string): void {
  tell(
    turn,
    framework,
    { type: 'ERROR', error: { message } },
    { name: 'FrameworkErrorMessage', body: { message } },
  );
}
