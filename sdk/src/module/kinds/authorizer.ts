import type { Action, Object as AuthorizedObject } from '../../types/authorizer.ts';
import type { Principal } from './authentication.ts';

/** Decides for one subject and one action. Immediate: it is asked inside of a filter's loop. */
export type ObjectApprover = (object: AuthorizedObject | undefined) => boolean;

/** Says who may do what. No subject: nobody authenticated. */
export interface Authorizer {
  /** For single decisions: teardown, quota, flags… A rejection refuses with the text. */
  authorized(
    subject: Principal | undefined,
    action: Action,
    object: AuthorizedObject | undefined,
  ): boolean | Promise<boolean>;
  /**
   * For filters, and for what lasts as long as a subscription. The approver stays valid and
   * reflects later changes of the rules; what it throws counts as a no and is logged. Of a module
   * in another home each question is a call; the daemon waits for its answers before it needs them.
   */
  approver(
    subject: Principal | undefined,
    action: Action,
  ): ObjectApprover | Promise<ObjectApprover>;
}
