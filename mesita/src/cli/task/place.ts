import type { ContainerID, Task } from '@mesita/sdk/types';
import { isTerminal } from '../../wire/task-state.ts';
import type { Asker } from '../credential.ts';
import { findMaster } from '../master-address.ts';
import { Problem } from '../problem.ts';
import { openMaster } from './api.ts';

/** Where a task runs, or ran. */
export interface TaskPlace {
  readonly task: Task;
  readonly agentUrl: string;
  readonly frameworkId: string;
  readonly executorId: string;
  /** Absent before its executor said that it starts. */
  readonly containerId: ContainerID | undefined;
  readonly isOver: boolean;
}

export interface TaskNames {
  /** `host:port`, or where masters are elected. */
  readonly master: string;
  readonly task: string;
  readonly framework?: string | undefined;
  /** As whom master and agent are asked. */
  readonly credential: Asker;
}

/** Throws a Problem when there is no such task, or more than one. */
export async function findTask(names: TaskNames): Promise<TaskPlace> {
  const { master, task: id, framework, credential } = names;
  const api = openMaster(await findMaster(master), credential);
  try {
    const { getTasks } = await api.call({ type: 'GET_TASKS' });
    const live = pick(getTasks?.tasks, id, framework);
    const found = live.length > 0 ? live : pick(getTasks?.completedTasks, id, framework).slice(-1);
    const [task] = found;
    if (!task) {
      throw new Problem(
        `there is no task '${id}'`,
        'The id of a task is what its framework calls it.',
      );
    }
    if (found.length > 1) {
      const frameworks = found.map(({ frameworkId }) => frameworkId.value).join(', ');
      throw new Problem(`several tasks are called '${id}'`, `Give --framework: ${frameworks}`);
    }
    const { getAgents } = await api.call({ type: 'GET_AGENTS' });
    const agent = getAgents?.agents?.find(
      ({ agentInfo }) => agentInfo.id?.value === task.agentId.value,
    );
    if (!agent) throw new Problem(`the agent of '${id}' is not there`, 'Is it running?');
    return placeOf(task, `http://${agent.pid?.split('@')[1] ?? agent.agentInfo.hostname}`);
  } finally {
    await api.client.close();
  }
}

function pick(tasks: readonly Task[] = [], id: string, framework: string | undefined): Task[] {
  return tasks.filter(
    ({ taskId, frameworkId }) =>
      taskId.value === id && (framework === undefined || frameworkId.value === framework),
  );
}

function placeOf(task: Task, agentUrl: string): TaskPlace {
  const containers = (task.statuses ?? []).flatMap((s) => s.containerStatus?.containerId ?? []);
  return {
    task,
    agentUrl,
    frameworkId: task.frameworkId.value,
    executorId: task.executorId?.value || task.taskId.value,
    containerId: containers.at(-1),
    isOver: isTerminal(task.state),
  };
}

/** Throws a Problem when nothing of it runs. */
export function runningContainer({ task, containerId, isOver }: TaskPlace): ContainerID {
  const id = task.taskId.value;
  if (isOver) throw new Problem(`the task '${id}' has ended: ${task.state}`);
  if (!containerId)
    throw new Problem(`the task '${id}' does not run yet`, 'Try again in a moment.');
  return containerId;
}
