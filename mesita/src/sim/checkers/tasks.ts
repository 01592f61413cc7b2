import type { Fail } from './checks.ts';

/** What really runs, as the machines have it. */
export interface TaskChecks {
  /** A process of this task has started. It must be the first ever. */
  started(machine: string, frameworkId: string, taskId: string): void;
  ended(frameworkId: string, taskId: string): void;
  isRunning(frameworkId: string, taskId: string): boolean;
  readonly running: ReadonlyMap<string, string>;
}

export function createTaskChecks(fail: Fail): TaskChecks {
  const ever = new Map<string, string>();
  const running = new Map<string, string>();
  const keyOf = (frameworkId: string, taskId: string) => `${frameworkId}/${taskId}`;
  return {
    running,
    started(machine, frameworkId, taskId) {
      const key = keyOf(frameworkId, taskId);
      const before = ever.get(key);
      if (before !== undefined) {
        fail(`task ${taskId} runs twice: on ${before} and on ${machine}`, [taskId]);
      }
      ever.set(key, machine);
      running.set(key, machine);
    },
    ended: (frameworkId, taskId) => void running.delete(keyOf(frameworkId, taskId)),
    isRunning: (frameworkId, taskId) => running.has(keyOf(frameworkId, taskId)),
  };
}
