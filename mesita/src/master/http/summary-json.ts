// Counts of tasks by state, for agents and frameworks of `/state-summary`.
import type { TaskState } from '@mesita/sdk/types';
import type { MasterState } from '../core/state.ts';

const shown = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
  'TASK_KILLED',
  'TASK_FAILED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_UNREACHABLE',
] as const satisfies readonly TaskState[];

export interface TaskCounts {
  readonly states: Record<(typeof shown)[number], number>;
  /** Agents of a framework, frameworks of an agent. */
  readonly others: Set<string>;
}

interface Summaries {
  readonly agents: ReadonlyMap<string, TaskCounts>;
  readonly frameworks: ReadonlyMap<string, TaskCounts>;
}

export const noTasks = (): TaskCounts => ({
  states: Object.fromEntries(shown.map((s) => [s, 0])) as TaskCounts['states'],
  others: new Set(),
});

/** One walk over all tasks instead of one for each agent. */
export function summarise(state: MasterState): Summaries {
  const agents = new Map<string, TaskCounts>();
  const frameworks = new Map<string, TaskCounts>();
  for (const framework of state.frameworks.registered.values()) {
    const mine = entry(frameworks, framework.id);
    const records = [
      ...framework.tasks.values(),
      ...framework.unreachableTasks.values(),
      ...framework.completedTasks,
    ];
    for (const { task } of records) {
      const theirs = entry(agents, task.agentId.value);
      count(mine, task.state);
      count(theirs, task.state);
      mine.others.add(task.agentId.value);
      theirs.others.add(framework.id);
    }
  }
  return { agents, frameworks };
}

function entry(counts: Map<string, TaskCounts>, id: string): TaskCounts {
  const known = counts.get(id) ?? noTasks();
  counts.set(id, known);
  return known;
}

function count(counts: TaskCounts, state: TaskState): void {
  if (state in counts.states) counts.states[state as (typeof shown)[number]]++;
}
