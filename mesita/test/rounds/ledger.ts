// What a framework launched, what it was told of it, and what the tasks themselves wrote down.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskState, TaskStatus } from '@mesita/sdk/types';
import { isTerminal } from '../../src/wire/task-state.ts';

interface Told {
  readonly state: TaskState;
  /** Of an update that wants an acknowledgement; absent in answers to questions. */
  readonly uuid: string | undefined;
}

interface Task {
  readonly id: string;
  readonly agentId: string;
  readonly job: Job;
  readonly told: Told[];
}

/** Work that has to be done exactly once; a task that never came to run is followed by another. */
interface Job {
  readonly name: string;
  /** Ends by itself, or stays for ever. */
  readonly isResident: boolean;
  readonly tasks: Task[];
}

export interface Ledger {
  addJob(name: string, isResident: boolean): void;
  /** Jobs that no task is under way for. */
  waiting(): readonly Job[];
  launch(job: Job, agentId: string): { readonly id: string; readonly command: string };
  note(status: TaskStatus): void;
  /** Tasks that are not known to have ended. */
  open(): readonly Task[];
  /** Every short job ended, every resident one runs, as far as the framework was told. */
  isQuiet(): boolean;
  /** What has gone wrong by what the tasks wrote: nothing, or a line for each. */
  wrongs(): readonly string[];
  readonly updates: number;
  readonly repeatedUpdates: number;
}

const IN_ORDER: readonly TaskState[] = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'];

export function createLedger(folder: string): Ledger {
  const jobs: Job[] = [];
  const tasks = new Map<string, Task>();
  let updates = 0;
  let repeatedUpdates = 0;

  function wrongsOf(job: Job): string[] {
    const found: string[] = [];
    const runs = job.tasks.filter(({ id }) => written(folder, id).includes('start'));
    if (runs.length > 1) found.push(`${job.name} ran ${runs.length} times`);
    for (const task of runs) found.push(...wrongsOfRun(folder, task));
    const last = job.tasks.at(-1);
    if (runs.length === 0) found.push(`${job.name} never ran, ${describe(last)}`);
    else if (last && stateOf(last) !== dueOf(job).at(-1)) {
      found.push(`${job.name} ran, but ${describe(last)}`);
    }
    return found;
  }

  return {
    addJob: (name, isResident) => void jobs.push({ name, isResident, tasks: [] }),
    waiting: () => jobs.filter((job) => !job.tasks.some(mayRun)),
    launch(job, agentId) {
      const id = `${job.name}.${job.tasks.length + 1}`;
      const task: Task = { id, agentId, job, told: [] };
      job.tasks.push(task);
      tasks.set(id, task);
      const file = join(folder, id);
      const begin = `echo start >> ${file}; echo $$ > ${file}.pid`;
      const end = job.isResident ? 'exec sleep 1000000' : `sleep 0.5; echo end >> ${file}`;
      return { id, command: `${begin}; ${end}` };
    },
    note({ taskId, state, uuid }) {
      const task = tasks.get(taskId.value);
      if (!task) return;
      const text = uuid && Buffer.from(uuid).toString('hex');
      if (text !== undefined) {
        updates++;
        if (task.told.some((told) => told.uuid === text)) {
          repeatedUpdates++;
          return;
        }
      }
      task.told.push({ state, uuid: text });
    },
    open: () => [...tasks.values()].filter((task) => !isTerminal(stateOf(task))),
    isQuiet: () =>
      jobs.every((job) => {
        const last = job.tasks.at(-1);
        return (
          last && stateOf(last) === dueOf(job).at(-1) && updatesOf(last).length >= dueOf(job).length
        );
      }),
    wrongs: () => jobs.flatMap(wrongsOf),
    get updates() {
      return updates;
    },
    get repeatedUpdates() {
      return repeatedUpdates;
    },
  };
}

/** False only of a task that never ran and will not: such a one may be followed by another. */
function mayRun(task: Task): boolean {
  return !isTerminal(stateOf(task)) || task.told.some(({ state }) => IN_ORDER.includes(state));
}

function stateOf({ told }: Task): TaskState {
  return told.at(-1)?.state ?? 'TASK_STAGING';
}

/** What is told of a task that ran, whatever befell its master: each of them, and in this order. */
function dueOf({ isResident }: Job): readonly string[] {
  return isResident ? IN_ORDER.slice(0, 2) : IN_ORDER;
}

function updatesOf({ told }: Task): readonly string[] {
  return told.flatMap(({ uuid, state }) => (uuid === undefined ? [] : state));
}

function describe(task: Task | undefined): string {
  return task ? `${task.id} was told: ${task.told.map(({ state }) => state).join(' ')}` : 'no task';
}

function written(folder: string, id: string): readonly string[] {
  const file = join(folder, id);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

function wrongsOfRun(folder: string, task: Task): string[] {
  const found: string[] = [];
  const lines = written(folder, task.id).join(' ');
  const expected = task.job.isResident ? 'start' : 'start end';
  if (lines !== expected) found.push(`${task.id} wrote '${lines}'`);
  const updates = updatesOf(task);
  if (updates.join() !== dueOf(task.job).join()) {
    found.push(`${task.id} has the updates '${updates.join(' ')}', ${describe(task)}`);
  }
  if (task.job.isResident && !isAlive(folder, task.id)) found.push(`${task.id} is dead`);
  return found;
}

function isAlive(folder: string, id: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, `${id}.pid`), 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}
