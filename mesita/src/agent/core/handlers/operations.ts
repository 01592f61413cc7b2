import { err, type Result } from '@mesita/sdk/base';
import {
  applyCheckpointedResources,
  isPersistentVolume,
  persistentVolumePath,
  Resources,
  unallocateConversion,
} from '@mesita/sdk/resources';
import type { Offer, OperationStatus, Resource } from '@mesita/sdk/types';
import { uuidBytes, uuidText } from '../../../wire/uuid.ts';
import { addOperation, removeOperation } from '../books.ts';
import { type Context, type Handler, inform, warn } from '../context.ts';
import { isFromMaster } from '../from-master.ts';
import { forwardOperation, keepResources, sendOperationStatus } from '../operation-updates.ts';
import { agentIdOf } from '../run-ref.ts';

/**
 * Reservations and volumes of the agent's own resources. The master takes them for done already, so
 * they are done at once, and told of when they are on the disk.
 */
export const applyOperation: Handler<'ApplyOperationMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  const { state, config } = context;
  const { frameworkId, operationInfo: info, operationUuid: uuid } = event.message;
  if (state.operations.has(uuidText(uuid.value))) return;
  const named = { ...(info.id && { operationId: info.id }), agentId: { value: agentIdOf(state) } };
  const changed = changeBy(context, info);
  if (!changed.ok) {
    warn(context, 'dropping operation', { operation: info.type, error: changed.error });
    const status: OperationStatus = {
      ...named,
      state: 'OPERATION_DROPPED',
      message: changed.error,
    };
    sendOperationStatus(context, { status, operationUuid: uuid, frameworkId });
    return;
  }
  inform(context, 'operation applied', { operation: info.type, id: info.id?.value });
  const latestStatus: OperationStatus = {
    ...named,
    state: 'OPERATION_FINISHED',
    uuid: { value: uuidBytes(config.random) },
  };
  const operation = { frameworkId, agentId: named.agentId, info, latestStatus, uuid };
  addOperation(state, { ...operation, statuses: [latestStatus] }, false);
  keepResources(context, changed.value, {
    type: 'OperationCheckpointed',
    key: uuidText(uuid.value),
  });
};

function changeBy({ state, config }: Context, info: Offer.Operation): Result<Resources> {
  const conversions = Resources.conversions(info);
  if (!conversions.ok) return conversions;
  const converted = conversions.value.flatMap((conversion) => [...conversion.converted]);
  const error = reasonToRefuse(converted, config.workDir);
  if (error !== undefined) return err(error);
  return state.resources.convert(conversions.value.map(unallocateConversion));
}

function reasonToRefuse(converted: readonly Resource[], workDir: string): string | undefined {
  if (converted.some(({ providerId }) => providerId)) return 'Resource provider is not known here';
  const isNowhere = (volume: Resource) =>
    isPersistentVolume(volume) && persistentVolumePath(workDir, volume) === undefined;
  return converted.some(isNowhere) ? 'Volume has no place on this agent' : undefined;
}

export const operationCheckpointed: Handler<'OperationCheckpointed'> = (context, { key }) => {
  const record = context.state.operations.get(key);
  if (!record) return;
  record.isDurable = true;
  forwardOperation(context, key, record);
};

export const operationRetryDue: Handler<'OperationRetryDue'> = (context, { key }) => {
  const record = context.state.operations.get(key);
  if (record) forwardOperation(context, key, record);
};

export const operationAcknowledged: Handler<'AcknowledgeOperationStatusMessage'> = (
  context,
  event,
) => {
  if (!isFromMaster(context, event)) return;
  const { state, emit } = context;
  const { operationUuid, statusUuid } = event.message;
  const key = uuidText(operationUuid.value);
  const told = state.operations.get(key)?.operation.latestStatus.uuid;
  if (!told || uuidText(told.value) !== uuidText(statusUuid.value)) {
    warn(context, 'ignoring unexpected acknowledgement of an operation', { operation: key });
    return;
  }
  emit({ type: 'cancelTimer', id: `operation/${key}` });
  removeOperation(state, key);
  keepResources(context, state.resources);
};

/** The master asks about what the agent did not mention, or a framework about what it did. */
export const reconcileOperations: Handler<'ReconcileOperationsMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  const { frameworkId, operations = [] } = event.message;
  for (const { operationUuid, operationId, resourceProviderId } of operations) {
    const known = operationUuid && context.state.operations.get(uuidText(operationUuid.value));
    // The master hears of it without asking.
    if (known && !frameworkId) continue;
    const { uuid: _, ...latest } = known?.operation.latestStatus ?? {
      // Whose provider is not here may be done elsewhere; what this agent was sent and lacks is lost.
      state: resourceProviderId ? ('OPERATION_UNKNOWN' as const) : ('OPERATION_DROPPED' as const),
      agentId: { value: agentIdOf(context.state) },
      ...(operationId && { operationId }),
      ...(resourceProviderId && { resourceProviderId }),
    };
    sendOperationStatus(context, { status: latest, operationUuid, frameworkId });
  }
};

/** How masters from before operations say what shall be reserved and created. */
export const checkpointResources: Handler<'CheckpointResourcesMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  const { info } = context.state;
  const wanted = Resources.of(event.message.resources ?? []);
  const total = applyCheckpointedResources(Resources.of(info.resources ?? []), wanted);
  if (!total.ok) warn(context, 'ignoring resources to checkpoint', { error: total.error });
  else if (!wanted.equals(context.state.checkpointed)) keepResources(context, total.value);
};
