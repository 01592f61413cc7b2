import type { DispatchOptions } from './dispatch.ts';
import type { EndpointGuard } from './http.ts';

type Authenticate = NonNullable<DispatchOptions['authenticate']>;

export interface Keepers {
  readonly authenticate: Authenticate;
  readonly guard: EndpointGuard;
}

/** Stands before what a daemon serves. */
export interface Gate extends Keepers {
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
    guard: async (request) => (await opened).guard(request),
  };
}
