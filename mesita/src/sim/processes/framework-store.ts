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
  /** Those that are not over, as far as it knows. */
  readonly open: Map<string, KnownTask>;
  /** By agent and name: whoever uses one again must describe it as before. */
  readonly executors: Map<string, ExecutorInfo>;
  nextId: number;
  /** The task that must finish in the end; another one when it could not. */
  job: string | undefined;
  isJobDone: boolean;
}

export function createStore(): FrameworkStore {
  return {
    frameworkId: undefined,
    tasks: new Map(),
    open: new Map(),
    executors: new Map(),
    nextId: 0,
    job: undefined,
    isJobDone: false,
  };
}

export function addTask({ tasks, open }: FrameworkStore, task: KnownTask): void {
  tasks.set(task.id, task);
  open.set(task.id, task);
}

/** A task that was thought lost may be back. */
export function setState(store: FrameworkStore, task: KnownTask, state: TaskState): void {
  const { open } = store;
  task.state = state;
  if (task.id === store.job && over.has(state)) {
    store.job = undefined;
    if (state === 'TASK_FINISHED') store.isJobDone = true;
  }
  if (over.has(state)) open.delete(task.id);
  else open.set(task.id, task);
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

export function openTasks({ open }: FrameworkStore): KnownTask[] {
  return [...open.values()];
}
