import type { authorizer, FrameworkInfo, TaskInfo } from '@mesita/sdk/types';

type CoreAction = (typeof coreActions)[number];

/**
 * What one principal may do, asked for once and kept for the length of its subscription. Answers
 * are immediate and pure, so that a decision never waits in the middle of a call.
 */
export interface Approvers {
  approved(action: CoreAction, object?: authorizer.Object): boolean;
  /**
   * Where an authorizer may have to look things up: undefined when all that was asked is known. The
   * driver asks beforehand what the core is about to ask: see `questions.ts`.
   */
  missing?(): Promise<void> | undefined;
}

/** What an authorizer is asked about; without an object: whether it may be done to anything. */
export interface Question {
  readonly action: authorizer.Action;
  readonly object?: authorizer.Object | undefined;
}

export const mayRunTask = (taskInfo: TaskInfo, frameworkInfo: FrameworkInfo): Question => ({
  action: 'RUN_TASK',
  object: { taskInfo, frameworkInfo },
});
export const mayRegisterFramework = (frameworkInfo: FrameworkInfo): Question => ({
  action: 'REGISTER_FRAMEWORK',
  object: { frameworkInfo, value: frameworkInfo.principal },
});
export const mayRegisterAgent: Question = { action: 'REGISTER_AGENT' };

export function isApproved(approvers: Approvers, { action, object }: Question): boolean {
  return approvers.approved(action as CoreAction, object);
}

/** What the core asks about: for frameworks as long as they are subscribed, for agents once. */
export const coreActions = [
  'REGISTER_AGENT',
  'REGISTER_FRAMEWORK',
  'RUN_TASK',
  'RESERVE_RESOURCES',
  'UNRESERVE_RESOURCES',
  'CREATE_VOLUME',
  'DESTROY_VOLUME',
  'RESIZE_VOLUME',
  'CREATE_BLOCK_DISK',
  'DESTROY_BLOCK_DISK',
  'CREATE_MOUNT_DISK',
  'DESTROY_MOUNT_DISK',
  'DESTROY_RAW_DISK',
] as const satisfies readonly authorizer.Action[];

/** Without an authorizer everything is allowed. */
export const allowAll: Approvers = { approved: () => true };
