// Who may do what, as handlers ask for it.
import type { Logger } from '@mesita/sdk/base';
import type { Authorizer, Principal } from '@mesita/sdk/module';
import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';
import { authorizableEndpoints } from '../wire/validation/acls.ts';
import type { EndpointGuard, HttpRequest } from './http.ts';
import { type Late, type LateApprover, missingOf } from './late-approver.ts';
import { failure } from './responses.ts';

/** Whom authentication named, if anybody. */
export type Subject = Pick<HttpRequest, 'principal' | 'claims'>;

/** Answers at once, for the actions it was made for; what is `missing` is a no until then. */
export interface Approvers<Asked extends Action = Action> extends Late {
  approved(action: Asked, object?: AuthorizedObject): boolean;
}

export interface Authorization {
  /** One decision. Rejects when the authorizer fails: the request then answers 500. */
  authorized(subject: Subject, action: Action, object?: AuthorizedObject): Promise<boolean>;
  /** For filters. Rejects when the authorizer fails. */
  approvers<Asked extends Action>(
    subject: Subject,
    actions: readonly Asked[],
  ): Promise<Approvers<Asked>>;
  /** False: everything is allowed, and nobody is asked. */
  readonly isOn: boolean;
}

export const allowEverything: Authorization = {
  isOn: false,
  authorized: async () => true,
  approvers: async () => ({ approved: () => true }),
};

export function createAuthorization(authorizer: Authorizer, log: Logger): Authorization {
  return {
    isOn: true,
    authorized: async (subject, action, object) =>
      authorizer.authorized(toPrincipal(subject), action, object),
    async approvers(subject, actions) {
      const principal = toPrincipal(subject);
      const made = await Promise.all(
        actions.map(
          async (action) => [action, await authorizer.approver(principal, action)] as const,
        ),
      );
      const isLate = made.some(([, approver]) => 'missing' in approver);
      const byAction = new Map<Action, LateApprover>(made);
      return {
        ...(isLate && { missing: () => missingOf([...byAction.values()]) }),
        approved(action, object) {
          try {
            return byAction.get(action)?.(object) === true;
          } catch (error) {
            log.warn('approver failed, which counts as a no', { action, error });
            return false;
          }
        },
      };
    },
  };
}

function toPrincipal({ principal: value, claims }: Subject): Principal | undefined {
  return value === undefined && claims === undefined ? undefined : { value, claims };
}

/** Asks about endpoints by their path as it was sent. */
export function guardEndpoints(authorization: Authorization): EndpointGuard {
  return async (request) => {
    if (!authorization.isOn) return undefined;
    const { method, path } = request;
    if (method !== 'GET') return failure(500, `Unexpected request method '${method}'`);
    if (!authorizableEndpoints.has(path)) {
      return failure(500, `Endpoint '${path}' is not an authorizable endpoint.`);
    }
    const isAllowed = await authorization.authorized(request, 'GET_ENDPOINT_WITH_PATH', {
      value: path,
    });
    return isAllowed ? undefined : failure(403);
  };
}
