import type { Resources } from '@mesita/sdk/resources';
import type { Task, TaskState } from '@mesita/sdk/types';
import { isTerminal } from '../../wire/task-state.ts';

/**
 * A task the master accounts for. `task` is replaced, never changed, when an update comes, so
 * whatever was derived from it may be kept beside that very object.
 */
export interface TaskRecord {
  task: Task;
  readonly resources: Resources;
}

/** Neither terminal nor unreachable tasks hold resources. */
export function holdsResources(state: TaskState): boolean {
  return state !== 'TASK_UNREACHABLE' && !isTerminal(state);
}
