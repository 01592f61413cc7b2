import { constants } from 'node:os';
import type { TaskStatus } from '@mesita/sdk/types';

const SIGNALS: Readonly<Record<string, number>> = {
  Hangup: constants.signals.SIGHUP,
  Interrupt: constants.signals.SIGINT,
  Aborted: constants.signals.SIGABRT,
  Killed: constants.signals.SIGKILL,
  Terminated: constants.signals.SIGTERM,
  'Segmentation fault': constants.signals.SIGSEGV,
};

/**
 * The exit status a shell would give for a task that ended. Updates carry it in words only:
 * `Command exited with status 3`, `Command terminated with signal Killed`.
 */
export function exitStatus({ state, message = '' }: TaskStatus): number {
  const status = /exited with status (\d+)/.exec(message)?.[1];
  if (status !== undefined) return Number(status);
  const signal = /terminated with signal (.+?)(?: \(core dumped\))?$/.exec(message)?.[1];
  if (signal !== undefined) return 128 + (SIGNALS[signal] ?? 0);
  return state === 'TASK_FINISHED' ? 0 : 1;
}

/** `TASK_FAILED: Command exited with status 3`. */
export function describeStatus({ state, message, reason }: TaskStatus): string {
  const detail = message || (state === 'TASK_FINISHED' ? '' : (reason ?? ''));
  return detail === '' ? state : `${state}: ${detail}`;
}
