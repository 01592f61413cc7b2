import type { ContainerID, KillPolicy, TaskInfo, TaskStatus } from '@mesita/sdk/types';
import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import { emptyCheckStatus } from './checks/checker.ts';
import { createEscalation } from './escalation.ts';
import type { ExecutorContext } from './executor.ts';
import type { TaskNote } from './notes.ts';
import { explainEnd } from './task-end.ts';
import { milliseconds, watchTask } from './task-watch.ts';
import type { StatusContent, Updates } from './updates.ts';

const defaultGraceMs = 3000;

/** STARTING → RUNNING → (KILLING →) one terminal state. */
export interface Task {
  readonly info: TaskInfo;
  readonly container: ContainerID;
  starting(): void;
  /** Its process runs: checks and the completion timer start. */
  running(): void;
  /** SIGTERM now, SIGKILL after the grace period; a later kill can only shorten it. */
  kill(graceMs: number): void;
  /** Its container ended, or never came to be. Sends and answers the terminal state. */
  ended(termination: ContainerTermination | undefined, launchError?: string): TaskStatus;
  isKilled(): boolean;
  isOver(): boolean;
  note(): Omit<TaskNote, 'group'>;
}

interface TaskOptions {
  readonly info: TaskInfo;
  readonly container: ContainerID;
  /** Do statuses name the container? Those of nested ones do; the agent knows its own. */
  readonly namesContainer: boolean;
  readonly context: ExecutorContext;
  readonly updates: Updates;
  /** Resolves when the executor would remember all of this after a restart. */
  readonly noted: () => Promise<void>;
  readonly restored?: TaskNote | undefined;
}

export function graceOf(policy: KillPolicy | undefined): number | undefined {
  return policy?.gracePeriod && milliseconds(policy.gracePeriod);
}

export function killGraceOf(task: TaskInfo): number {
  return graceOf(task.killPolicy) ?? defaultGraceMs;
}

export function createTask(options: TaskOptions): Task {
  const { info, container, context, updates, restored } = options;
  const { clock } = context;
  let runningSinceMs = restored?.runningSinceMs;
  const escalation = createEscalation(clock, signaller(options));
  let isLate = false;
  let isUnhealthy = false;
  let isOver = false;
  let stopWatching: () => void = () => {};
  let last: TaskStatus | undefined;

  function send(content: Omit<StatusContent, 'taskId'>): TaskStatus {
    last = updates.send({
      taskId: info.taskId,
      ...(info.check && { checkStatus: emptyCheckStatus(info.check) }),
      ...(options.namesContainer && { containerStatus: { containerId: container } }),
      ...content,
    });
    return last;
  }

  /** A check's news: the last status again, with what is new in it. */
  function sendAgain(news: Partial<TaskStatus>): void {
    const before: StatusContent = last ?? { taskId: info.taskId, state: 'TASK_RUNNING' };
    if (isOver || before.state !== 'TASK_RUNNING') return;
    send({ ...before, ...news });
  }

  function watch(): void {
    stopWatching = watchTask(
      context,
      { info, container, runningSinceMs },
      {
        check: (checkStatus) =>
          sendAgain({ reason: 'REASON_TASK_CHECK_STATUS_UPDATED', checkStatus }),
        health({ healthy, shallKill }) {
          sendAgain({ reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', healthy });
          if (!shallKill) return;
          isUnhealthy = true;
          kill(killGraceOf(info));
        },
        late() {
          isLate = true;
          kill(0);
        },
      },
    );
  }

  function kill(graceMs: number): void {
    if (isOver) return;
    if (!escalation.hasBegun()) {
      stopWatching();
      if (!isLate && canShowKilling(context)) send({ state: 'TASK_KILLING' });
    }
    escalation.begin(graceMs);
  }

  function ended(termination: ContainerTermination | undefined, launchError?: string): TaskStatus {
    isOver = true;
    stopWatching();
    escalation.stop();
    const content = explainEnd(
      termination,
      { isLate, isKilled: escalation.hasBegun() },
      launchError,
    );
    return send({ ...content, ...(isUnhealthy && { healthy: false }) });
  }

  if (restored?.runningSinceMs !== undefined) watch();
  // The framework was told before the restart.
  if (restored?.isKilled) escalation.begin(killGraceOf(info));

  return {
    info,
    container,
    starting: () => void send({ state: 'TASK_STARTING' }),
    running() {
      runningSinceMs = clock.now();
      send({ state: 'TASK_RUNNING' });
      if (!escalation.hasBegun()) watch();
    },
    kill,
    ended,
    isKilled: () => escalation.hasBegun(),
    isOver: () => isOver,
    note: () => ({
      info,
      runningSinceMs,
      isKilled: escalation.hasBegun(),
      ...(options.namesContainer && { container: container.value }),
    }),
  };
}

/** Noted first: an agent that comes back must know that the end was asked for. */
function signaller({ info, container, context, noted }: TaskOptions): (number: number) => void {
  return (number) => {
    noted()
      .then(() => context.containers.kill(container, number))
      .catch((error: unknown) => {
        context.log.warn('executor cannot signal its task', { task: info.taskId.value, error });
      });
  };
}

function canShowKilling({ framework }: ExecutorContext): boolean {
  return (framework.capabilities ?? []).some(({ type }) => type === 'TASK_KILLING_STATE');
}
