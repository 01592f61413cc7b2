import type { FrameworkId, Logger } from '@mesita/sdk/base';
import type { scheduler } from '@mesita/sdk/types';
import { createLanes, type LaneKeys } from '../../hooks/lanes.ts';
import { decided } from '../../net/late-approver.ts';
import { type Approvers, isApproved, type Question } from '../core/approvers.ts';
import type { MasterEvent } from '../core/events.ts';
import { questionsOfCall } from '../core/questions.ts';
import type { MasterState } from '../core/state.ts';
import { taskCallKeys } from './accept-hooks.ts';

interface Parts {
  readonly state: MasterState;
  readonly log: Logger;
  readonly post: (event: MasterEvent) => void;
}

/** Resolves once approvers know the answers to these questions. */
export function foresee(approvers: Approvers, questions: readonly Question[]): Promise<void> {
  return decided(approvers, () => {
    for (const question of questions) isApproved(approvers, question);
  });
}

/** Undefined: it is neither asked about nor is anything it follows. */
function keysOf(call: scheduler.Call): LaneKeys | undefined {
  const id = call.frameworkId?.value ?? '';
  if (call.type === 'UPDATE_FRAMEWORK') return { after: [id], holds: [id] };
  return taskCallKeys(call) ?? (call.type === 'ACCEPT' ? { after: [], holds: [] } : undefined);
}

/**
 * The core does not wait for an authorizer in the middle of a call. Where one lives elsewhere, a call
 * waits in front of the core until all that it will be asked is known. Calls about the same tasks and
 * the same framework keep their order; all else passes.
 */
export function createForesight({ state, log, post }: Parts): (event: MasterEvent) => void {
  const lanes = createLanes((error) => log.error('cannot pass on a call', { error }));
  return (event) => {
    if (event.type !== 'SchedulerCall' && event.type !== 'DriverCall') return post(event);
    const { call } = event;
    const framework = state.frameworks.registered.get(call.frameworkId?.value as FrameworkId);
    if (!framework?.approvers.missing) return post(event);
    const keys = keysOf(call);
    if (!keys) return post(event);
    lanes.enter(keys, () => {
      const questions = questionsOfCall(state, framework, call);
      if (questions.length === 0) return post(event);
      return foresee(framework.approvers, questions).then(() => post(event));
    });
  };
}
