import type { authorizer } from '@mesita/sdk/types';

/**
 * What one principal may do, asked for once and kept for the length of its subscription. Answers
 * are immediate and pure, so that a decision never waits in the middle of a call.
 */
export interface Approvers {
  approved(action: authorizer.Action, object?: authorizer.Object): boolean;
}

/** Without an authorizer everything is allowed. */
export const allowAll: Approvers = { approved: () => true };
