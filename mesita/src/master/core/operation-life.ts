import type { Result } from '@mesita/sdk/base';
import { needsCheckpointing, Resources, unallocateConversion } from '@mesita/sdk/resources';
import type { Offer, Operation, OperationStatus } from '@mesita/sdk/types';
import { isTerminalOperation } from '../../wire/operation-state.ts';
import { uuidBytes, uuidText } from '../../wire/uuid.ts';
import type { Agent, OperationRecord } from './agent.ts';
import { addAgentOperation, addFrameworkOperation, deleteOperation } from './books.ts';
import { countOf, type Framework, isConnected } from './framework.ts';
import { tellOperationStatus } from './framework-events.ts';
import { count, findFramework } from './state.ts';
import { log, send, type Turn } from './turn.ts';

/*
 * Reservations and volumes. Such an operation is taken for done as soon as it is sent: its agent
 * either does it or ends, and tells after its restart what it has.
 *
 *   PENDING ──agent──▶ FINISHED ──acknowledged by its framework, or by us where nobody asked──▶ off
 */

/** `info` is valid and its conversions apply to what the agent has. No framework: an operator. */
export function applyOperation(
  turn: Turn,
  agent: Agent,
  framework: Framework | undefined,
  info: Offer.Operation,
): void {
  const total = convertTotal(agent, info);
  if (!total.ok) {
    log(turn, 'error', 'operation does not apply', { agentId: agent.id, error: total.error });
    return;
  }
  agent.total = total.value;
  agent.checkpointed = total.value.filter(
    (resource) => needsCheckpointing(resource) && !resource.providerId,
  );
  log(turn, 'info', 'applying operation', { agentId: agent.id, type: info.type, id: info.id });
  if (agent.capabilities.has('RESOURCE_PROVIDER')) sendOperation(turn, agent, framework, info);
  else sendCheckpointed(turn, agent);
  if (framework) countOperation(framework, info.type ?? 'UNKNOWN');
}

function convertTotal(agent: Agent, info: Offer.Operation): Result<Resources> {
  const conversions = Resources.conversions(info);
  if (!conversions.ok) return conversions;
  return agent.total.convert(conversions.value.map(unallocateConversion));
}

/** For agents from before operations: they are told what to have. */
export function sendCheckpointed(turn: Turn, agent: Agent): void {
  send(turn, agent, 'CheckpointResourcesMessage', {
    resources: agent.checkpointed.toMessages('pre'),
  });
}

function sendOperation(
  turn: Turn,
  agent: Agent,
  framework: Framework | undefined,
  info: Offer.Operation,
): void {
  const provider = providerOf(info);
  const uuid = { value: uuidBytes(turn.config.random) };
  const frameworkId = framework && { value: framework.id };
  const agentId = { value: agent.id };
  const pending: OperationStatus = {
    state: 'OPERATION_PENDING',
    agentId,
    ...(info.id && { operationId: info.id }),
    ...(provider && { resourceProviderId: provider }),
  };
  addOperation(turn, agent, { agentId, info, latestStatus: pending, uuid, frameworkId });
  const version = provider
    ? agent.resourceProviders.get(provider.value)?.resourceVersion
    : agent.resourceVersion;
  send(turn, agent, 'ApplyOperationMessage', {
    ...(frameworkId && { frameworkId }),
    operationInfo: info,
    operationUuid: uuid,
    resourceVersionUuid: {
      ...(provider && { resourceProviderId: provider }),
      uuid: version ?? { value: new Uint8Array(16) },
    },
  });
}

/** Validation has seen to it that all resources of an operation are of one provider. */
export function providerOf(info: Offer.Operation) {
  const { reserve, unreserve, create, destroy, growVolume, shrinkVolume } = info;
  const [first] = [
    ...(reserve?.resources ?? []),
    ...(unreserve?.resources ?? []),
    ...(create?.volumes ?? []),
    ...(destroy?.volumes ?? []),
    ...(growVolume ? [growVolume.volume] : []),
    ...(shrinkVolume ? [shrinkVolume.volume] : []),
  ];
  return first?.providerId;
}

/** A new one, or one that an agent came back with. */
export function addOperation(turn: Turn, agent: Agent, operation: Operation): void {
  const record: OperationRecord = { operation };
  countState(turn, operation, 1);
  addAgentOperation(agent, record);
  const framework = findFramework(turn.state, operation.frameworkId);
  if (framework) addFrameworkOperation(framework, record);
}

/** What has ended stays so, whatever is told later. */
export function updateOperation(
  turn: Turn,
  record: OperationRecord,
  status: OperationStatus,
): void {
  const { operation } = record;
  const hasEnded = isTerminalOperation(operation.latestStatus.state);
  const statuses = operation.statuses ?? [];
  const isRepeated = statuses.some((known) => isSame(known, status));
  countState(turn, operation, -1);
  record.operation = {
    ...operation,
    latestStatus: hasEnded ? operation.latestStatus : status,
    statuses: isRepeated ? statuses : [...statuses, status],
  };
  countState(turn, record.operation, 1);
}

function isSame(a: OperationStatus, b: OperationStatus): boolean {
  if (!a.uuid || !b.uuid) return a.state === b.state;
  return uuidText(a.uuid.value) === uuidText(b.uuid.value);
}

/** Ended operations stay counted. */
export function removeOperation(turn: Turn, agent: Agent, record: OperationRecord): void {
  const { frameworkId, latestStatus } = record.operation;
  if (!isTerminalOperation(latestStatus.state)) countState(turn, record.operation, -1);
  deleteOperation(agent, findFramework(turn.state, frameworkId), record);
}

/** What frameworks are told of operations whose agent leaves. Of a mere removal nothing, as in Mesos. */
const farewells = {
  unreachable: ['OPERATION_UNREACHABLE', 'Agent was marked unreachable'],
  gone: ['OPERATION_GONE_BY_OPERATOR', 'Agent has been marked gone'],
} as const;

export function abandonOperations(
  turn: Turn,
  agent: Agent,
  departure: keyof typeof farewells | 'removed',
): void {
  for (const record of [...agent.operations.values()]) {
    const { info, frameworkId } = record.operation;
    const framework = findFramework(turn.state, frameworkId);
    if (departure !== 'removed' && info.id && framework && isConnected(framework)) {
      const [state, message] = farewells[departure];
      const agentId = { value: agent.id };
      tellOperationStatus(turn, framework, { operationId: info.id, state, message, agentId });
    }
    removeOperation(turn, agent, record);
  }
}

export function countOperation(framework: Framework, type: string): void {
  countOf(framework, 'operations');
  countOf(framework, `operations/${type.toLowerCase()}`);
}

function countState(turn: Turn, { info, latestStatus }: Operation, by: number): void {
  const state = latestStatus.state.replace('OPERATION_', '').toLowerCase();
  const type = (info.type ?? 'UNKNOWN').toLowerCase();
  for (const prefix of ['master/operations', `master/operations/${type}`]) {
    count(turn.state, `${prefix}/${state}`, by);
    count(turn.state, `${prefix}/total`, by);
  }
}
