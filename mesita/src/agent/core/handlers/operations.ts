import type { OperationStatus } from '@mesita/sdk/types';
import { type Context, type Handler, warn } from '../context.ts';
import { agentIdOf } from '../run-ref.ts';
import { isFromMaster } from './registration.ts';

// Reservations and volumes on agents are not supported yet: every operation is answered as dropped,
// so that masters and frameworks take back what they granted.
const REASON = 'Operations on agents are not supported yet';

export const applyOperation: Handler<'ApplyOperationMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  const { frameworkId, operationInfo, operationUuid } = event.message;
  warn(context, 'dropping operation', { operation: operationInfo.type });
  sendDropped(context, {
    frameworkId,
    operationUuid,
    operationId: operationInfo.id,
  });
};

export const reconcileOperations: Handler<'ReconcileOperationsMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  const { frameworkId, operations } = event.message;
  for (const { operationUuid, operationId } of operations ?? []) {
    sendDropped(context, { frameworkId, operationUuid, operationId });
  }
};

interface Dropped {
  readonly frameworkId: { readonly value: string } | undefined;
  readonly operationUuid: { readonly value: Uint8Array } | undefined;
  readonly operationId: { readonly value: string } | undefined;
}

function sendDropped({ state, emit }: Context, operation: Dropped): void {
  if (!state.master) return;
  const { frameworkId, operationUuid, operationId } = operation;
  const status: OperationStatus = {
    state: 'OPERATION_DROPPED',
    message: REASON,
    agentId: { value: agentIdOf(state) },
    ...(operationId && { operationId }),
  };
  emit({
    type: 'send',
    to: state.master.pid,
    message: {
      name: 'UpdateOperationStatusMessage',
      body: {
        status,
        latestStatus: status,
        agentId: { value: agentIdOf(state) },
        ...(frameworkId && { frameworkId }),
        ...(operationUuid && { operationUuid }),
      },
    },
  });
}

/** Dropped operations are not retried, so their acknowledgements change nothing. */
export const operationAcknowledged: Handler<'AcknowledgeOperationStatusMessage'> = () => undefined;

export const checkpointResources: Handler<'CheckpointResourcesMessage'> = (context, event) => {
  if (!isFromMaster(context, event)) return;
  if ((event.message.resources ?? []).length > 0) warn(context, REASON);
};
