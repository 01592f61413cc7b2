import type { Action, Object as AuthorizedObject } from '@mesita/sdk/types/authorizer';
import { type Authorization, guardEndpoints, type Subject } from './authorization.ts';
import type { DispatchOptions } from './dispatch.ts';
import type { EndpointGuard } from './http.ts';

export type Authenticate = NonNullable<DispatchOptions['authenticate']>;

interface Keepers {
  readonly authenticate: Authenticate;
  readonly authorization: Authorization;
}

/** Stands before what a daemon serves. */
export interface Gate {
  readonly authenticate: Authenticate;
  readonly guard: EndpointGuard;
  authorized(subject: Subject, action: Action, object?: AuthorizedObject): Promise<boolean>;
  /** Once. */
  open(keepers: Keepers): void;
}

/**
 * A daemon answers before it has loaded the modules that say who may ask: requests which must be
 * authenticated or authorised wait until there are keepers.
 */
export function createGate(): Gate {
  let open = (_keepers: Keepers): void => undefined;
  const opened = new Promise<Keepers>((resolve) => {
    open = resolve;
  });
  return {
    open: (keepers) => open(keepers),
    authenticate: async (realm, request) => (await opened).authenticate(realm, request),
    guard: async (request) => guardEndpoints((await opened).authorization)(request),
    authorized: async (subject, action, object) =>
      (await opened).authorization.authorized(subject, action, object),
  };
}
