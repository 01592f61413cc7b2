import type { ContainerTermination } from '@mesita/sdk/types/containerizer';
import { describeWaitStatus } from '../linux/signals.ts';
import type { StatusContent } from './updates.ts';

/** The agent's own reasons come first: it knows of limits, the exit status does not. */
export function explainEnd(
  termination: ContainerTermination | undefined,
  { isLate, isKilled }: { isLate: boolean; isKilled: boolean },
  launchError: string | undefined,
): Omit<StatusContent, 'taskId'> {
  const status = termination?.status;
  if (status === undefined && launchError === undefined && isKilled)
    return { state: 'TASK_KILLED' };
  const unknown = termination
    ? 'Command terminated with unknown status'
    : "Unable to retrieve command's termination information";
  const message =
    status === undefined ? (launchError ?? unknown) : `Command ${describeWaitStatus(status)}`;
  const texts = [message, ...(termination?.message ? [termination.message] : [])];
  const own: Omit<StatusContent, 'taskId'> = isLate
    ? { state: 'TASK_FAILED', reason: 'REASON_MAX_COMPLETION_TIME_REACHED' }
    : { state: isKilled ? 'TASK_KILLED' : status === 0 ? 'TASK_FINISHED' : 'TASK_FAILED' };
  return {
    ...own,
    ...(termination?.state && { state: termination.state }),
    ...(termination?.reason && { reason: termination.reason }),
    ...(termination?.limitedResources && {
      limitation: { resources: termination.limitedResources },
    }),
    message: texts.join(': '),
  };
}
