import type { AgentId } from '@mesita/sdk/base';
import type { Offer, OperationState, scheduler } from '@mesita/sdk/types';
import type { AgentID } from '@mesita/sdk/types/mesos';
import type { Framework } from '../../framework.ts';
import { tellOperationStatus } from '../../framework-events.ts';
import { count } from '../../state.ts';
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

/** No operation is on the books yet, so every answer says what the agent's state allows to say. */
export function reconcileOperations(
  turn: Turn,
  framework: Framework,
  { operations = [] }: scheduler.Call.ReconcileOperations,
): void {
  count(turn.state, 'master/messages_reconcile_operations');
  for (const { operationId, agentId, resourceProviderId } of operations) {
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
      continue;
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

export function acknowledgeOperationStatus(
  turn: Turn,
  framework: Framework,
  { agentId, operationId }: scheduler.Call.AcknowledgeOperationStatus,
): void {
  count(turn.state, 'master/messages_operation_status_update_acknowledgement');
  count(turn.state, 'master/invalid_operation_status_update_acknowledgements');
  log(turn, 'warn', 'acknowledgement of an unknown operation', {
    frameworkId: framework.id,
    agentId: agentId?.value,
    operationId: operationId.value,
  });
}
