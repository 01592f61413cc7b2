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

export interface Notes {
  readonly tasks: readonly TaskNote[];
  /** How many groups of tasks there were, of those that are over too. */
  readonly groups: number;
  readonly updates: readonly api.Call.Update[];
}

const nothing: Notes = { tasks: [], groups: 0, updates: [] };

export function parseNotes(text: string | undefined): Notes {
  if (text === undefined || text === '') return nothing;
  const plain = JSON.parse(text) as {
    tasks: (Omit<TaskNote, 'info'> & { info: unknown })[];
    groups?: number;
    updates: unknown[];
  };
  return {
    tasks: plain.tasks.map((note) => ({ ...note, info: fromJson(schema.TaskInfo, note.info) })),
    groups: plain.groups ?? Math.max(0, ...plain.tasks.map(({ group }) => group)),
    updates: plain.updates.map((update) => fromJson(executorSchema.Call_Update, update)),
  };
}

function formatNotes({ tasks, groups, updates }: Notes): string {
  return JSON.stringify({
    groups,
    tasks: tasks.map((note) => ({ ...note, info: toJson(schema.TaskInfo, note.info) })),
    updates: updates.map((update) => toJson(executorSchema.Call_Update, update)),
  });
}

/**
 * Writes the latest notes, one write at a time; what changes meanwhile goes with the next. Resolves
 * when what is so now is written.
 */
export function createNotekeeper(context: ExecutorContext, read: () => Notes): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    await last;
    next = undefined;
    try {
      await context.remember?.(formatNotes(read()));
    } catch (error) {
      context.log.warn('executor cannot keep its notes', { error });
    }
  };
  return () => {
    if (!context.remember) return last;
    if (!next) {
      next = write();
      last = next;
    }
    return next;
  };
}
