import type { ExecutorInfo, TaskState } from '@mesita/sdk/types';

/** What a scheduler believes of one of its tasks. */
interface KnownTask {
  readonly id: string;
  readonly agentId: string;
  readonly executorId: string | undefined;
  /** Undefined until the first word of it. */
  state: TaskState | undefined;
}

/** A framework's own database: it survives its schedulers. */
export interface FrameworkStore {
  frameworkId: string | undefined;
  readonly tasks: Map<string, KnownTask>;
  /** By agent and name: whoever uses one again must describe it as before. */
  readonly executors: Map<string, ExecutorInfo>;
  nextId: number;
}

export function createStore(): FrameworkStore {
  return { frameworkId: undefined, tasks: new Map(), executors: new Map(), nextId: 0 };
}

const over: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  // Its agent is not known and will not come back.
  'TASK_UNKNOWN',
]);

function isOver({ state }: Pick<KnownTask, 'state'>): boolean {
  return state !== undefined && over.has(state);
}

export function openTasks({ tasks }: FrameworkStore): KnownTask[] {
  return [...tasks.values()].filter((task) => !isOver(task));
}
