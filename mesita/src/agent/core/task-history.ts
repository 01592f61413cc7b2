import type { Executor } from './state.ts';

/** Whether any task reached the executor: one is there, or one that ended was spoken of by it. */
export function wasEverSentTask({
  launchedTasks,
  terminatedTasks,
  completedTasks,
}: Executor): boolean {
  if (launchedTasks.size > 0) return true;
  return [...terminatedTasks.values(), ...completedTasks].some((task) =>
    task.statuses?.some(({ source }) => source === 'SOURCE_EXECUTOR'),
  );
}
