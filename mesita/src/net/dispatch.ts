import type { Logger } from '@mesita/sdk/base';
import type { HttpRequest, HttpResponse, Realm } from './http.ts';
import { failure, HttpError } from './responses.ts';
import type { Router } from './router.ts';

export interface Principal {
  readonly principal?: string | undefined;
  readonly claims?: Readonly<Record<string, string>> | undefined;
}

/** Names the client of a request, or refuses it with a complete answer (401 with its challenge, 403). */
type Authentication = Principal | { readonly refusal: HttpResponse };

export interface DispatchOptions {
  readonly router: Router;
  /**
   * Called once for a request whose route has a realm, before the handler. An exception becomes a
   * 500 with its text. A realm without authenticator answers `{}`.
   */
  readonly authenticate?: (realm: Realm, request: HttpRequest) => Promise<Authentication>;
  /** Endpoints that answer 403, as `/tasks` or `/master/tasks`. */
  readonly disabledEndpoints?: readonly string[];
  readonly log: Logger;
}

/** Resolves to a started handler: requests of one connection start in order, and end as they can. */
export type Dispatch = (request: HttpRequest) => Promise<() => Promise<HttpResponse>>;

export function createDispatch({
  router,
  authenticate,
  disabledEndpoints = [],
  log,
}: DispatchOptions): Dispatch {
  const isDisabled = (endpoint: string) =>
    disabledEndpoints.some((path) => router.match(path)?.endpoint === endpoint);

  return async (request) => {
    const answer = (response: HttpResponse) => async () => response;
    if (!request.path.startsWith('/')) {
      return answer(failure(400, "Request URL path must start with '/'"));
    }
    const match = router.match(request.path);
    if (!match) return answer(failure(404));
    const { route, rest, endpoint } = match;
    if (isDisabled(endpoint)) {
      return answer(failure(403, `Endpoint '${endpoint}' is disabled`));
    }
    let routed: HttpRequest = { ...request, rest };
    try {
      if (route.realm !== undefined && authenticate) {
        const outcome = await authenticate(route.realm, routed);
        if ('refusal' in outcome) return answer(outcome.refusal);
        routed = { ...routed, ...outcome };
      }
      const running = Promise.resolve(route.handler(routed));
      const settled = running.catch((error: unknown) => toFailure(error, endpoint, log));
      return () => settled;
    } catch (error) {
      return answer(toFailure(error, endpoint, log));
    }
  };
}

function toFailure(error: unknown, endpoint: string, log: Logger): HttpResponse {
  if (error instanceof HttpError) return error.response;
  log.error('request handler failed', { endpoint, error });
  return failure(500, error instanceof Error ? error.message : String(error));
}
