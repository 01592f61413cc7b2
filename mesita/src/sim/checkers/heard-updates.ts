import type { TaskStatus } from '@mesita/sdk/types';
import { isTerminal } from '../../wire/task-state.ts';
import type { Fail } from './checks.ts';

interface Heard {
  readonly uuids: Set<string>;
  lastOrder: number;
  end: string | undefined;
}

/** What frameworks hear of one task: in the order it was made, repeated perhaps, and then an end. */
interface HeardUpdates {
  /** True for the first time. `task` is named `framework/task`. */
  isNew(task: string, status: TaskStatus, uuid: string, order: number | undefined): boolean;
}

export function createHeardUpdates(fail: Fail): HeardUpdates {
  const byTask = new Map<string, Heard>();
  return {
    isNew(task, { taskId, state, reason }, uuid, order) {
      const heard = byTask.get(task) ?? { uuids: new Set(), lastOrder: -1, end: undefined };
      byTask.set(task, heard);
      if (heard.uuids.has(uuid)) return false;
      heard.uuids.add(uuid);
      const what = `${state} of ${taskId.value} (${reason ?? 'no reason'})`;
      if (order !== undefined && order < heard.lastOrder) {
        fail(`${what} is heard out of order`, [taskId.value]);
      }
      // Whoever does not hear that it was heard says it again, under a new name.
      const isRepeated = heard.end === state && reason === 'REASON_RECONCILIATION';
      if (heard.end !== undefined && !isRepeated)
        fail(`${what} is heard after ${heard.end}`, [taskId.value]);
      heard.lastOrder = order ?? heard.lastOrder;
      if (isTerminal(state)) heard.end = state;
      return true;
    },
  };
}
