import type { scheduler } from '@mesita/sdk/types';
import { validateUuid } from '../../../wire/validation/ids.ts';

type Call = scheduler.Call;

// The part each call must bring; its name in messages is the call's in small letters.
const parts: Partial<Record<NonNullable<Call['type']>, keyof Call>> = {
  ACCEPT: 'accept',
  DECLINE: 'decline',
  ACCEPT_INVERSE_OFFERS: 'acceptInverseOffers',
  DECLINE_INVERSE_OFFERS: 'declineInverseOffers',
  KILL: 'kill',
  SHUTDOWN: 'shutdown',
  ACKNOWLEDGE: 'acknowledge',
  ACKNOWLEDGE_OPERATION_STATUS: 'acknowledgeOperationStatus',
  RECONCILE: 'reconcile',
  RECONCILE_OPERATIONS: 'reconcileOperations',
  MESSAGE: 'message',
  REQUEST: 'request',
  UPDATE_FRAMEWORK: 'updateFramework',
};

/** Why the master answers a call of a scheduler with 400. `principal` is whom the caller proved to be. */
export function validateSchedulerCall(
  call: Call,
  principal: string | undefined,
): string | undefined {
  if (call.type === undefined) return "Expecting 'type' to be present";
  if (call.type === 'SUBSCRIBE') return validateSubscribe(call, principal);
  if (call.frameworkId === undefined) return "Expecting 'framework_id' to be present";
  const part = parts[call.type];
  if (part !== undefined && call[part] === undefined) {
    return `Expecting '${call.type.toLowerCase()}' to be present`;
  }
  if (call.acknowledge !== undefined && call.type === 'ACKNOWLEDGE')
    return validateUuid(call.acknowledge.uuid);
  if (call.type === 'ACKNOWLEDGE_OPERATION_STATUS') return validateOperationAcknowledgement(call);
  if (call.type === 'UPDATE_FRAMEWORK') return validateUpdateFramework(call);
  return undefined;
}

function validateSubscribe(
  { subscribe, frameworkId }: Call,
  principal: string | undefined,
): string | undefined {
  if (subscribe === undefined) return "Expecting 'subscribe' to be present";
  const info = subscribe.frameworkInfo;
  if ((info.id?.value ?? '') !== (frameworkId?.value ?? '')) {
    return "'framework_id' differs from 'subscribe.framework_info.id'";
  }
  if (principal === undefined || info.principal === undefined || info.principal === principal)
    return undefined;
  return `Authenticated principal '${principal}' does not match principal '${info.principal}' set in \`FrameworkInfo\``;
}

function validateOperationAcknowledgement({
  acknowledgeOperationStatus: acknowledged,
}: Call): string | undefined {
  if (acknowledged === undefined) return undefined;
  const error = validateUuid(acknowledged.uuid);
  if (error !== undefined) return error;
  return acknowledged.agentId === undefined ? "Expecting 'agent_id' to be present" : undefined;
}

function validateUpdateFramework({ frameworkId, updateFramework }: Call): string | undefined {
  if ((updateFramework?.frameworkInfo.id?.value ?? '') === frameworkId?.value) return undefined;
  return "'framework_id' differs from 'update_framework.framework_info.id'";
}
