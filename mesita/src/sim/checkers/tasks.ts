import type { TaskStatus } from '@mesita/sdk/types';
import { isTerminal } from '../../wire/task-state.ts';
import type { Fail } from './checks.ts';

/** What really runs, as the machines have it; and whether what is said of it is true. */
export interface TaskChecks {
  /** A process of this task has started. It must be the first ever. */
  started(machine: string, frameworkId: string, taskId: string): void;
  ended(frameworkId: string, taskId: string, wasWell: boolean): void;
  isRunning(frameworkId: string, taskId: string): boolean;
  readonly running: ReadonlyMap<string, string>;
  /** A framework was told this, whoever says it. */
  told(frameworkId: string, status: TaskStatus): void;
}

interface Truth {
  readonly machine: string;
  end: 'WELL' | 'BADLY' | undefined;
}

/** Said of what has never begun. */
const neverBegun: ReadonlySet<TaskStatus['state']> = new Set(['TASK_DROPPED', 'TASK_ERROR']);
/** Said of what has ended. By the executor: it saw it; the agent may say so and then end it. */
const seenEnd: ReadonlySet<TaskStatus['state']> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
]);

export function createTaskChecks(fail: Fail): TaskChecks {
  const ever = new Map<string, Truth>();
  const running = new Map<string, string>();
  /** The last word of each task. */
  const over = new Map<string, TaskStatus['state']>();
  const keyOf = (frameworkId: string, taskId: string) => `${frameworkId}/${taskId}`;
  return {
    running,
    started(machine, frameworkId, taskId) {
      const key = keyOf(frameworkId, taskId);
      const before = ever.get(key)?.machine;
      if (before !== undefined) {
        fail(`task ${taskId} runs twice: on ${before} and on ${machine}`, [taskId]);
      }
      const said = over.get(key);
      // Of an agent that is out of reach, old frameworks are told a loss that is none.
      if (said !== undefined && said !== 'TASK_LOST') {
        fail(`task ${taskId} begins after ${said} was told`, [taskId]);
      }
      ever.set(key, { machine, end: undefined });
      running.set(key, machine);
    },
    ended(frameworkId, taskId, wasWell) {
      const key = keyOf(frameworkId, taskId);
      running.delete(key);
      const truth = ever.get(key);
      if (truth) truth.end ??= wasWell ? 'WELL' : 'BADLY';
    },
    isRunning: (frameworkId, taskId) => running.has(keyOf(frameworkId, taskId)),
    told(frameworkId, { taskId, state, reason, source }) {
      const key = keyOf(frameworkId, taskId.value);
      const truth = ever.get(key);
      const isLie =
        (state === 'TASK_FINISHED' && truth?.end !== 'WELL') ||
        (source === 'SOURCE_EXECUTOR' && seenEnd.has(state) && running.has(key)) ||
        // Of what did not outlive its agent, as Mesos, the next one says that it was dropped.
        (neverBegun.has(state) && reason !== 'REASON_RECONCILIATION' && truth !== undefined);
      if (isLie) {
        const how = truth ? `it ${truth.end ? `ended ${truth.end}` : 'runs'}` : 'it never began';
        fail(`${state} is told of ${taskId.value}, and ${how}`, [taskId.value]);
      }
      // What a master concludes from its books may be wrong while something is on its way.
      if (isTerminal(state) && reason !== 'REASON_RECONCILIATION') over.set(key, state);
    },
  };
}
