// `/tasks`: paged, sorted by the time of a task's first status.
import type { Task } from '@mesita/sdk/types';
import type { HttpRequest } from '../../net/http.ts';
import type { View } from '../../net/view.ts';
import { taskJson } from '../../wire/state-json/task.ts';
import type { MasterState } from '../core/state.ts';
import { completedIn, registeredIn, tasksIn } from './view.ts';

const defaultLimit = 100;

export function tasksJson(
  state: MasterState,
  view: View,
  query: HttpRequest['query'],
): { tasks: unknown[] } {
  const limit = integer(query.get('limit')) ?? defaultLimit;
  const offset = Math.max(0, integer(query.get('offset')) ?? 0);
  const ascending = query.get('order') === 'asc';
  const tasks = matching(state, view, query.get('framework_id'), query.get('task_id'));
  const sorted = tasks
    .map((task) => [task.statuses?.[0]?.timestamp ?? Number.NEGATIVE_INFINITY, task] as const)
    .sort(([a], [b]) => (ascending ? compare(a, b) : compare(b, a)))
    .map(([, task]) => task);
  const end = limit < 0 ? sorted.length : offset + limit;
  return { tasks: sorted.slice(offset, end).map(taskJson) };
}

const compare = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0);

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

function matching(
  state: MasterState,
  view: View,
  frameworkId: string | undefined,
  taskId: string | undefined,
): Task[] {
  return [...registeredIn(state, view), ...completedIn(state, view)]
    .filter((f) => frameworkId === undefined || f.id === frameworkId)
    .flatMap((f) => {
      const records = [...f.tasks.values(), ...f.unreachableTasks.values(), ...f.completedTasks];
      return tasksIn(records, f, view);
    })
    .filter((task) => taskId === undefined || task.taskId.value === taskId);
}
