import type { TaskInfo } from '@mesita/sdk/types';
import type * as api from '@mesita/sdk/types/executor';
import { fromJson, toJson } from '../wire/json.ts';
import * as executorSchema from '../wire/schema/executor.ts';
import * as schema from '../wire/schema/mesos.ts';
import type { ExecutorContext } from './executor.ts';

/** One task as a built-in executor remembers it through an agent's restart. */
export interface TaskNote {
  readonly info: TaskInfo;
  /** Value of the id of its nested container; absent when it has the executor's own. */
  readonly container?: string | undefined;
  /** Tasks of one number were launched as one group. */
  readonly group: number;
  readonly runningSinceMs?: number | undefined;
  readonly isKilled: boolean;
}

interface Notes {
  readonly tasks: readonly TaskNote[];
  readonly updates: readonly api.Call.Update[];
}

const nothing: Notes = { tasks: [], updates: [] };

export function parseNotes(text: string | undefined): Notes {
  if (text === undefined || text === '') return nothing;
  const plain = JSON.parse(text) as {
    tasks: (Omit<TaskNote, 'info'> & { info: unknown })[];
    updates: unknown[];
  };
  return {
    tasks: plain.tasks.map((note) => ({ ...note, info: fromJson(schema.TaskInfo, note.info) })),
    updates: plain.updates.map((update) => fromJson(executorSchema.Call_Update, update)),
  };
}

function formatNotes({ tasks, updates }: Notes): string {
  return JSON.stringify({
    tasks: tasks.map((note) => ({ ...note, info: toJson(schema.TaskInfo, note.info) })),
    updates: updates.map((update) => toJson(executorSchema.Call_Update, update)),
  });
}

/** Writes the latest notes, one write at a time; what changes meanwhile goes with the next. */
export function createNotekeeper(context: ExecutorContext, read: () => Notes): () => void {
  let isWriting = false;
  let isStale = false;
  const write = async (): Promise<void> => {
    isWriting = true;
    while (isStale) {
      isStale = false;
      try {
        await context.remember?.(formatNotes(read()));
      } catch (error) {
        context.log.warn('executor cannot keep its notes', { error });
      }
    }
    isWriting = false;
  };
  return () => {
    if (!context.remember) return;
    isStale = true;
    // Later in this turn, so that a burst of changes is one write.
    if (!isWriting) queueMicrotask(() => void (isWriting || write()));
  };
}
