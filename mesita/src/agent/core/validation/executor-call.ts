import { err, ok, type Result } from '@mesita/sdk/base';
import type { CheckStatusInfo } from '@mesita/sdk/types';
import type { Call } from '@mesita/sdk/types/executor';
import { isKnownUuid } from '../../../wire/uuid.ts';

/** Whether a call of the executor API is complete and says nothing an executor may not say. */
export function validateExecutorCall(call: Call): Result<void> {
  switch (call.type) {
    case undefined:
      return err("Expecting 'type' to be present");
    case 'SUBSCRIBE':
      return call.subscribe ? ok(undefined) : err("Expecting 'subscribe' to be present");
    case 'MESSAGE':
      return call.message ? ok(undefined) : err("Expecting 'message' to be present");
    case 'UPDATE':
      return call.update
        ? validateUpdate(call, call.update)
        : err("Expecting 'update' to be present");
    default:
      return ok(undefined);
  }
}

function validateUpdate(call: Call, { status }: Call.Update): Result<void> {
  const executor = call.executorId.value;
  const sender = `executor ${executor} of framework ${call.frameworkId.value}`;
  if (!status.uuid) return err("Expecting 'uuid' to be present");
  if (!isKnownUuid(status.uuid)) return err('Not a valid UUID');
  if (status.executorId && status.executorId.value !== executor) {
    return err(
      `ExecutorID in Call: ${executor} does not match ExecutorID in TaskStatus: ` +
        status.executorId.value,
    );
  }
  if (status.source !== 'SOURCE_EXECUTOR') {
    return err(`Received Call from ${sender} with invalid source, expecting 'SOURCE_EXECUTOR'`);
  }
  if (status.state === 'TASK_STAGING') {
    return err(`Received TASK_STAGING from ${sender} which is not allowed`);
  }
  return status.checkStatus ? validateCheckStatus(status.checkStatus) : ok(undefined);
}

function validateCheckStatus(check: CheckStatusInfo): Result<void> {
  const { type } = check;
  if (type === undefined) return err("CheckStatusInfo must specify 'type'");
  if (type === 'UNKNOWN') return err("'UNKNOWN' is not a valid check's status type");
  const member = { COMMAND: 'command', HTTP: 'http', TCP: 'tcp' } as const;
  if (check[member[type]]) return ok(undefined);
  return err(`Expecting '${member[type]}' to be set for ${type} check's status`);
}
