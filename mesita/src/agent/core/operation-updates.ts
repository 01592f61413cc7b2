import { needsCheckpointing, type Resources } from '@mesita/sdk/resources';
import type { UpdateOperationStatusMessage } from '../../wire/types/internal.ts';
import type { Context } from './context.ts';
import type { AgentEvent } from './events.ts';
import { agentIdOf } from './run-ref.ts';
import type { OperationRecord } from './state.ts';

const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 600_000;

/** Takes `total` into the books, and has it and the operations written down. */
export function keepResources(context: Context, total: Resources, then?: AgentEvent): void {
  const { state, emit } = context;
  const before = [...state.checkpointed];
  state.resources = total;
  state.checkpointed = total.filter(needsCheckpointing);
  const record = {
    kind: 'resources',
    before,
    resources: [...state.checkpointed],
    operations: [...state.operations.values()].map(({ operation }) => operation),
  } as const;
  emit({ type: 'checkpoint', records: [record], ...(then && { then }) });
}

/** Sends how an operation ended, now and again until it is acknowledged. */
export function forwardOperation(context: Context, key: string, record: OperationRecord): void {
  const { state, emit } = context;
  if (!record.isDurable || state.life !== 'RUNNING') return;
  const { latestStatus: status, uuid: operationUuid, frameworkId } = record.operation;
  sendOperationStatus(context, { status, operationUuid, frameworkId });
  record.retryMs = record.retryMs === 0 ? RETRY_MIN_MS : Math.min(2 * record.retryMs, RETRY_MAX_MS);
  emit({
    type: 'setTimer',
    id: `operation/${key}`,
    delayMs: record.retryMs,
    then: { type: 'OperationRetryDue', key },
  });
}

/** The master is new, or heard of nothing for a while. */
export function forwardOperations(context: Context): void {
  for (const [key, record] of context.state.operations) {
    record.retryMs = 0;
    forwardOperation(context, key, record);
  }
}

export function pauseOperations({ state, emit }: Context): void {
  for (const key of state.operations.keys()) emit({ type: 'cancelTimer', id: `operation/${key}` });
}

export function sendOperationStatus(
  { state, emit }: Context,
  { frameworkId, ...message }: UpdateOperationStatusMessage,
): void {
  if (!state.master) return;
  const body = { ...message, ...(frameworkId && { frameworkId }) };
  emit({
    type: 'send',
    to: state.master.pid,
    message: {
      name: 'UpdateOperationStatusMessage',
      body: { ...body, agentId: { value: agentIdOf(state) } },
    },
  });
}
