import type { authorizer } from '@mesita/sdk/types';

type CoreAction = (typeof coreActions)[number];

/**
 * What one principal may do, asked for once and kept for the length of its subscription. Answers
 * are immediate and pure, so that a decision never waits in the middle of a call.
 */
export interface Approvers {
  approved(action: CoreAction, object?: authorizer.Object): boolean;
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
