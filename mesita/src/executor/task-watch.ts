import type { CheckStatusInfo, ContainerID, DurationInfo, TaskInfo } from '@mesita/sdk/types';
import { startChecker } from './checks/checker.ts';
import { type Health, startHealthChecker } from './checks/health-checker.ts';
import { runNested } from './checks/nested-command.ts';
import type { ExecutorContext } from './executor.ts';

interface TaskWatchers {
  check(status: CheckStatusInfo): void;
  health(health: Health): void;
  /** It ran longer than `max_completion_time` allows. */
  late(): void;
}

interface WatchedTask {
  readonly info: TaskInfo;
  readonly container: ContainerID;
  readonly runningSinceMs: number | undefined;
}

/** Everything that looks at a running task. Call the result to stop it all. */
export function watchTask(
  { clock, containers }: ExecutorContext,
  { info, container, runningSinceMs = clock.now() }: WatchedTask,
  watchers: TaskWatchers,
): () => void {
  const stops: (() => void)[] = [];
  const run = runNested(containers, container);
  if (info.check) stops.push(startChecker(clock, info.check, run, watchers.check));
  if (info.healthCheck) {
    stops.push(startHealthChecker(clock, info.healthCheck, run, watchers.health));
  }
  const limitMs = info.maxCompletionTime ? milliseconds(info.maxCompletionTime) : 0;
  if (limitMs > 0) {
    const leftMs = Math.max(0, runningSinceMs + limitMs - clock.now());
    const timer = clock.setTimer(leftMs, watchers.late);
    stops.push(() => timer.cancel());
  }
  return () => {
    for (const stop of stops) stop();
  };
}

export function milliseconds({ nanoseconds }: DurationInfo): number {
  return Number(nanoseconds) / 1e6;
}
