import type { TaskState } from '@mesita/sdk/types';

const terminal: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

/** Whether a task in this state is over for good. Unreachable tasks may come back. */
export function isTerminal(state: TaskState): boolean {
  return terminal.has(state);
}
