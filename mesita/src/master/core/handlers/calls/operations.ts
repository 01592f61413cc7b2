import type { AgentId } from '@mesita/sdk/base';
import type { Offer, OperationState, OperationStatus, scheduler } from '@mesita/sdk/types';
import type { AgentID, OperationID } from '@mesita/sdk/types/mesos';
import { isTerminalOperation } from '../../../../wire/operation-state.ts';
import { uuidText } from '../../../../wire/uuid.ts';
import type { OperationRecord } from '../../agent.ts';
import { finishDraining } from '../../drain-life.ts';
import type { Framework } from '../../framework.ts';
import { tellOperationStatus } from '../../framework-events.ts';
import { removeOperation } from '../../operation-life.ts';
import { count, findAgent } from '../../state.ts';
import { log, send, type Turn } from '../../turn.ts';

/** An operation that is not done. Its framework hears of it when it gave the operation an id. */
export function dropOperation(
  turn: Turn,
  framework: Framework,
  operation: Offer.Operation,
  message: string,
): void {
  log(turn, 'warn', 'operation dropped', {
    frameworkId: framework.id,
    operation: operation.type,
    message,
  });
  if (!operation.id) return;
  tellOperationStatus(turn, framework, {
    operationId: operation.id,
    state: 'OPERATION_ERROR',
    message,
  });
}

/** Without a list, all that are on the books; none of these answers asks for an acknowledgement. */
export function reconcileOperations(
  turn: Turn,
  framework: Framework,
  { operations = [] }: scheduler.Call.ReconcileOperations,
): void {
  count(turn.state, 'master/messages_reconcile_operations');
  if (operations.length === 0) {
    for (const record of framework.operations.values()) {
      tellOperationStatus(turn, framework, lastTold(record));
    }
  }
  for (const asked of operations) reconcileOperation(turn, framework, asked);
}

function reconcileOperation(
  turn: Turn,
  framework: Framework,
  { operationId, agentId, resourceProviderId }: scheduler.Call.ReconcileOperations.Operation,
): void {
  const known = findOperation(framework, operationId);
  if (known) {
    tellOperationStatus(turn, framework, lastTold(known));
    return;
  }
  const agent = agentId && turn.state.agents.registered.get(agentId.value as AgentId);
  const isForTheAgent =
    agent?.capabilities.has('AGENT_OPERATION_FEEDBACK') &&
    resourceProviderId !== undefined &&
    !agent.resourceProviders.has(resourceProviderId.value);
  if (agent && isForTheAgent) {
    send(turn, agent, 'ReconcileOperationsMessage', {
      frameworkId: { value: framework.id },
      operations: [{ operationId, resourceProviderId }],
    });
    return;
  }
  const [state, message] = verdictOn(turn, agentId);
  tellOperationStatus(turn, framework, {
    operationId,
    state,
    message: `Reconciliation: ${message}`,
    ...(agentId && { agentId }),
    ...(resourceProviderId && { resourceProviderId }),
  });
}

function lastTold({ operation }: OperationRecord): OperationStatus {
  const { uuid: _, ...status } = operation.statuses?.at(-1) ?? operation.latestStatus;
  return status;
}

function findOperation(framework: Framework, id: OperationID): OperationRecord | undefined {
  const uuid = framework.operationUuids.get(id.value);
  return uuid === undefined ? undefined : framework.operations.get(uuid);
}

function verdictOn(turn: Turn, agentId: AgentID | undefined): [OperationState, string] {
  const { agents } = turn.state;
  const id = agentId?.value as AgentId | undefined;
  if (id === undefined) {
    return ['OPERATION_UNKNOWN', "Operation is unknown and no 'agent_id' was provided"];
  }
  if (agents.recovered.has(id)) {
    return ['OPERATION_RECOVERING', 'Agent is recovered but has not re-registered'];
  }
  if (agents.registered.has(id)) return ['OPERATION_UNKNOWN', 'Operation is unknown'];
  if (agents.unreachable.has(id)) return ['OPERATION_UNREACHABLE', 'Agent is unreachable'];
  if (agents.gone.has(id)) return ['OPERATION_GONE_BY_OPERATOR', 'Agent marked gone by operator'];
  return ['OPERATION_UNKNOWN', 'Both operation and agent are unknown'];
}

/** The framework has heard of it: its agent may forget it, and so do we when it was the end. */
export function acknowledgeOperationStatus(
  turn: Turn,
  framework: Framework,
  call: scheduler.Call.AcknowledgeOperationStatus,
): void {
  const { agentId, operationId, uuid, resourceProviderId } = call;
  count(turn.state, 'master/messages_operation_status_update_acknowledgement');
  const agent = findAgent(turn.state, agentId);
  const record = findOperation(framework, operationId);
  const status = record?.operation.statuses?.find(
    (told) => told.uuid && uuidText(told.uuid.value) === uuidText(uuid),
  );
  const isCapable = agent?.capabilities.has(
    resourceProviderId ? 'RESOURCE_PROVIDER' : 'AGENT_OPERATION_FEEDBACK',
  );
  if (!agent?.connected || !isCapable || !record || !status?.uuid) {
    count(turn.state, 'master/invalid_operation_status_update_acknowledgements');
    log(turn, 'warn', 'acknowledgement that cannot be passed on', {
      frameworkId: framework.id,
      agentId: agentId?.value,
      operationId: operationId.value,
    });
    return;
  }
  if (isTerminalOperation(status.state)) removeOperation(turn, agent, record);
  send(turn, agent, 'AcknowledgeOperationStatusMessage', {
    statusUuid: status.uuid,
    operationUuid: record.operation.uuid,
    ...(resourceProviderId && { resourceProviderId }),
  });
  finishDraining(turn, agent);
}
