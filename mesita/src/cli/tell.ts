import type { TaskStatus } from '@mesita/sdk/types';
import type { Call } from '@mesita/sdk/types/scheduler';
import { CallFailed, type Scheduler } from '../scheduler/index.ts';

/** Sends a call; one that is lost with the subscription is no failure, a refused one is. */
export async function tell(scheduler: Scheduler, call: Call): Promise<void> {
  try {
    await scheduler.call(call);
  } catch (error) {
    if (!(error instanceof CallFailed && error.isTransient)) throw error;
  }
}

/** Updates without a uuid are nobody's to acknowledge. A lost acknowledgement brings the update again. */
export async function acknowledge(scheduler: Scheduler, status: TaskStatus): Promise<void> {
  const { agentId, taskId, uuid } = status;
  if (agentId === undefined || uuid === undefined) return;
  await tell(scheduler, { type: 'ACKNOWLEDGE', acknowledge: { agentId, taskId, uuid } });
}
