// The tasks of one round. Each writes a line when it begins and one when it ends by itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scalar } from '../harness/framework.ts';
import type { Life } from './points.ts';

export interface Task {
  readonly id: string;
  readonly kind: 'quick' | 'waiting' | 'killed' | 'pod';
  readonly group?: string;
  readonly exitStatus: number;
}

/** So many containers, of every kind when there is room; a pod has one for each of its two tasks. */
export function planTasks(round: string, count: number, life: Life): Task[] {
  if (count === 1) return [{ ...planOne(`${round}-0`, life) }].flatMap(podOf);
  const kinds: readonly Life[] = ['quick', 'any', 'killed', 'pod', 'any'];
  const tasks: Task[] = [];
  for (let i = 0; tasks.length < count; i++) {
    tasks.push(...podOf(planOne(`${round}-${i}`, kinds[i % kinds.length] as Life)));
  }
  return tasks;
}

function planOne(id: string, life: Life): Task {
  switch (life) {
    case 'quick':
      return { id, kind: 'quick', exitStatus: 0 };
    case 'killed':
      return { id, kind: 'killed', exitStatus: 0 };
    case 'pod':
      return { id, kind: 'pod', exitStatus: 0 };
    case 'any':
      return { id, kind: 'waiting', exitStatus: 3 };
  }
}

function podOf(task: Task): Task[] {
  if (task.kind !== 'pod') return [task];
  const group = task.id;
  return ['a', 'b'].map((name) => ({ ...task, id: `${task.id}${name}`, group }));
}

/** Goes on when the round says `go`, but for those that are quick. */
function commandOf({ id, kind, exitStatus }: Task, folder: string): string {
  const log = join(folder, id);
  const middle = {
    quick: ':',
    waiting: `while [ ! -e ${folder}/go ]; do sleep 0.05; done`,
    pod: `while [ ! -e ${folder}/go ]; do sleep 0.05; done`,
    killed: 'exec sleep 600',
  }[kind];
  return `echo run >> ${log}; ${middle}; echo end >> ${log}; exit ${exitStatus}`;
}

export function linesOf({ id }: Task, folder: string): readonly string[] {
  try {
    return readFileSync(join(folder, id), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

interface Target {
  readonly agent_id: object;
  readonly framework: string;
  readonly folder: string;
}

/** The operations of an ACCEPT that launch them all. */
export function operationsOf(tasks: readonly Task[], target: Target): object[] {
  const info = (task: Task) => ({
    name: task.id,
    task_id: { value: task.id },
    agent_id: target.agent_id,
    resources: [scalar('cpus', 0.01), scalar('mem', 32)],
    command: { value: commandOf(task, target.folder) },
    kill_policy: { grace_period: { nanoseconds: 200_000_000 } },
  });
  const single = tasks.filter(({ group }) => group === undefined);
  const groups = new Set(tasks.flatMap(({ group }) => group ?? []));
  return [
    ...(single.length > 0 ? [{ type: 'LAUNCH', launch: { task_infos: single.map(info) } }] : []),
    ...[...groups].map((group) => ({
      type: 'LAUNCH_GROUP',
      launch_group: {
        executor: {
          type: 'DEFAULT',
          executor_id: { value: group },
          framework_id: { value: target.framework },
          resources: [scalar('cpus', 0.01), scalar('mem', 32), scalar('disk', 1)],
        },
        task_group: { tasks: tasks.filter((task) => task.group === group).map(info) },
      },
    })),
  ];
}
