import { join } from 'node:path';
import type { ContainerID, TaskGroupInfo, TaskID, TaskInfo } from '@mesita/sdk/types';
import { linkInside, makeDirectoryInside } from '../linux/inside.ts';
import type { ExecutorContext } from './executor.ts';
import type { Notes, TaskNote } from './notes.ts';
import { createTask, killGraceOf, type Task } from './task.ts';
import { nestedConfig } from './task-container.ts';
import type { Updates } from './updates.ts';

interface Member {
  readonly task: Task;
  readonly group: number;
}

/** The tasks of a default executor, by the groups they came in. */
interface TaskGroups {
  launch(group: TaskGroupInfo): Promise<void>;
  /** For tasks of before an agent's restart: their ends are awaited again. */
  resume(): void;
  kill(id: TaskID, graceMs: number | undefined): void;
  /** Kills all, and launches no more. */
  shutDown(): void;
  infos(): TaskInfo[];
  notes(): TaskNote[];
  /** How many groups were launched, ever. */
  count(): number;
}

/** `emptied` is called whenever a task ended and none is left. */
export function createTaskGroups(
  context: ExecutorContext,
  updates: Updates,
  noted: () => Promise<void>,
  restored: Pick<Notes, 'tasks' | 'groups'>,
  emptied: () => void,
): TaskGroups {
  const { containers } = context;
  const members = new Map<string, Member>();
  const dying = new Set<number>();
  let { groups } = restored;
  let isShutDown = false;

  for (const note of restored.tasks) add(note.info, note.group, note);

  function add(info: TaskInfo, group: number, note?: TaskNote): Task {
    const value = note?.container ?? formatUuid(context.uuid());
    const container: ContainerID = { value, parent: context.container };
    const options = { info, container, namesContainer: true, context, updates, noted };
    const task = createTask({ ...options, restored: note });
    members.set(info.taskId.value, { task, group });
    return task;
  }

  async function launch({ tasks = [] }: TaskGroupInfo): Promise<void> {
    const group = ++groups;
    const fresh = tasks.map((info) => add(info, group));
    for (const task of fresh) task.starting();
    const failures: [Task, unknown][] = [];
    await Promise.all(
      fresh.map((task) =>
        containers
          .launchNested(task.container, nestedConfig(task.info, context))
          .then(() => begin(task))
          .catch((error: unknown) => void failures.push([task, error])),
      ),
    );
    for (const [task, error] of failures) finish(task, undefined, textOf(error));
    if (isShutDown) killAll(() => true);
  }

  async function begin(task: Task): Promise<void> {
    await linkSandbox(context, task);
    task.running();
    void waitFor(task);
  }

  async function waitFor(task: Task): Promise<void> {
    finish(task, await containers.wait(task.container).catch(() => undefined));
  }

  function finish(task: Task, ...end: Parameters<Task['ended']>): void {
    const id = task.info.taskId.value;
    const member = members.get(id);
    if (!member || task.isOver()) return;
    const { state } = task.ended(...end);
    members.delete(id);
    const endsGroup = state === 'TASK_FAILED' || state === 'TASK_KILLED';
    if (endsGroup && !isShutDown && !dying.has(member.group)) {
      dying.add(member.group);
      killAll(({ group }) => group === member.group);
    }
    if (members.size === 0) emptied();
  }

  function killAll(belongs: (member: Member) => boolean): void {
    for (const member of [...members.values()]) {
      const { task } = member;
      if (belongs(member) && !task.isKilled()) task.kill(killGraceOf(task.info));
    }
  }

  return {
    launch,
    resume() {
      for (const { task } of members.values()) void waitFor(task);
    },
    kill(id, graceMs) {
      const task = members.get(id.value)?.task;
      if (!task || isShutDown || task.isKilled()) return;
      task.kill(graceMs ?? killGraceOf(task.info));
    },
    shutDown() {
      isShutDown = true;
      killAll(() => true);
    },
    infos: () => [...members.values()].map(({ task }) => task.info),
    notes: () => [...members.values()].map(({ task, group }) => ({ ...task.note(), group })),
    count: () => groups,
  };
}

/** People look for a task's files under its name. */
async function linkSandbox({ sandbox, log }: ExecutorContext, task: Task): Promise<void> {
  const name = task.info.taskId.value;
  try {
    await makeDirectoryInside(sandbox, 'tasks');
    const target = join(sandbox, 'containers', task.container.value);
    await linkInside(sandbox, join('tasks', name), target);
  } catch (error) {
    log.warn('cannot link the sandbox of a task', { task: name, error });
  }
}

function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
