// What one client may see of the master's books.
import type { Task } from '@mesita/sdk/types';
import type { View } from '../../net/view.ts';
import type { Framework, MasterState } from '../core/state.ts';

export function registeredIn({ frameworks }: MasterState, view: View): Framework[] {
  return [...frameworks.registered.values()].filter(view.showsFramework);
}

export function completedIn({ frameworks }: MasterState, view: View): Framework[] {
  return [...frameworks.completed.values()].filter(view.showsFramework);
}

export function tasksIn(
  records: Iterable<{ readonly task: Task }>,
  { info }: Framework,
  view: View,
): Task[] {
  return Array.from(records, ({ task }) => task).filter((task) => view.showsTask(task, info));
}
