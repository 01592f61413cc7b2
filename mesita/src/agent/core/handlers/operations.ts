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
  for (const { operationUuid, operationId, resourceProviderId } of operations ?? []) {
    const operation = { frameworkId, operationUuid, operationId };
    // Whose provider is not here may be done elsewhere; what this agent was sent and lacks is lost.
    if (resourceProviderId) {
      sendStatus(context, operation, { state: 'OPERATION_UNKNOWN', resourceProviderId });
    } else sendDropped(context, operation);
  }
};

interface Named {
  readonly frameworkId: { readonly value: string } | undefined;
  readonly operationUuid: { readonly value: Uint8Array } | undefined;
  readonly operationId: { readonly value: string } | undefined;
}

function sendDropped(context: Context, operation: Named): void {
  sendStatus(context, operation, { state: 'OPERATION_DROPPED', message: REASON });
}

function sendStatus({ state, emit }: Context, operation: Named, verdict: OperationStatus): void {
  if (!state.master) return;
  const { frameworkId, operationUuid, operationId } = operation;
  const status: OperationStatus = {
    ...verdict,
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
