import { isTerminalOperation } from '../../../wire/operation-state.ts';
import { uuidText } from '../../../wire/uuid.ts';
import type { Agent, OperationRecord } from '../agent.ts';
import { finishDraining } from '../drain-life.ts';
import type { UpdateOperationStatus } from '../events.ts';
import { isConnected } from '../framework.ts';
import { tellOperationStatus } from '../framework-events.ts';
import { removeOperation, updateOperation } from '../operation-life.ts';
import { count, findAgent, findFramework, isCompletedFramework } from '../state.ts';
import { log, send, type Turn } from '../turn.ts';

type Update = UpdateOperationStatus['message'];

/** How an operation went, told by its agent again and again until it is acknowledged. */
export function updateOperationStatus(turn: Turn, { message }: UpdateOperationStatus): void {
  const { state } = turn;
  count(state, 'master/messages_operation_status_update');
  // Without a UUID it answers a question of the framework's about what we do not know.
  if (!message.operationUuid) {
    tellFramework(turn, message);
    return;
  }
  const agent = findAgent(state, message.agentId);
  const record = agent?.operations.get(uuidText(message.operationUuid.value));
  if (agent && record) {
    count(state, 'master/valid_operation_status_updates');
    takeUpdate(turn, agent, record, message);
    return;
  }
  log(turn, 'warn', 'update of an operation that is not known', {
    agentId: message.agentId?.value,
    operationId: message.status.operationId?.value,
  });
  // A second answer to our own question says nothing new.
  if (agent && !message.frameworkId) return;
  count(state, 'master/invalid_operation_status_updates');
  if (agent) tellFramework(turn, message);
}

function takeUpdate(turn: Turn, agent: Agent, record: OperationRecord, message: Update): void {
  const { info, frameworkId } = record.operation;
  const { latestStatus } = message;
  const named = info.id && { operationId: info.id };
  const status = { ...message.status, ...named };
  updateOperation(turn, record, latestStatus ? { ...latestStatus, ...named } : status);
  const isOver = isTerminalOperation(status.state);
  if (info.id && !isCompletedFramework(turn.state, frameworkId)) {
    tellFramework(turn, { ...message, status, frameworkId });
    if (isOver && !status.uuid) removeOperation(turn, agent, record);
    return;
  }
  // Nobody else will.
  if (status.uuid) {
    send(turn, agent, 'AcknowledgeOperationStatusMessage', {
      statusUuid: status.uuid,
      operationUuid: record.operation.uuid,
      ...(status.resourceProviderId && { resourceProviderId: status.resourceProviderId }),
    });
  }
  if (isOver) removeOperation(turn, agent, record);
  finishDraining(turn, agent);
}

/** Unheard, an update is told again by its agent. */
function tellFramework(turn: Turn, { frameworkId, status }: Update): void {
  const framework = findFramework(turn.state, frameworkId);
  if (framework && isConnected(framework)) tellOperationStatus(turn, framework, status);
}
