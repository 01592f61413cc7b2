import type { Resources } from '@mesita/sdk/resources';
import type { Task, TaskState } from '@mesita/sdk/types';

/**
 * A task the master accounts for. `task` is replaced, never changed, when an update comes, so
 * whatever was derived from it may be kept beside that very object.
 */
export interface TaskRecord {
  task: Task;
  readonly resources: Resources;
}

const terminalStates: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

export function isTerminal(state: TaskState): boolean {
  return terminalStates.has(state);
}

/** Neither terminal nor unreachable tasks hold resources. */
export function holdsResources(state: TaskState): boolean {
  return state !== 'TASK_UNREACHABLE' && !isTerminal(state);
}
