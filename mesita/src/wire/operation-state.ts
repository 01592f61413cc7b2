import type { OperationState } from '@mesita/sdk/types';

const terminal: ReadonlySet<OperationState> = new Set<OperationState>([
  'OPERATION_FINISHED',
  'OPERATION_FAILED',
  'OPERATION_ERROR',
  'OPERATION_DROPPED',
  'OPERATION_GONE_BY_OPERATOR',
]);

/** Nothing follows: the operation is done, or never will be. */
export function isTerminalOperation(state: OperationState): boolean {
  return terminal.has(state);
}
