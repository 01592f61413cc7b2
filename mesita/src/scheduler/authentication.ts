import type { HttpAuthenticatee, HttpAuthenticationRequest } from '@mesita/sdk/module';
import type { Credential } from '@mesita/sdk/types';

type Headers = Readonly<Record<string, string>>;
type Request = Pick<HttpAuthenticationRequest, 'path' | 'headers' | 'remoteAddress'>;

/** Puts the authenticatee's headers into requests, which leave in the order they were given. */
export interface Authentication {
  /**
   * Sends at once when the authenticatee has answered. After a 401 it is told of the refusal and
   * asked once more: a token may have run out. Rejects when it fails, or `send` does.
   */
  send<A extends { readonly status: number }>(
    request: Request,
    send: (headers: Headers) => Promise<A>,
  ): Promise<A>;
}

export function createAuthentication(
  authenticatee: HttpAuthenticatee,
  credential: Credential | undefined,
): Authentication {
  let turn: Promise<unknown> = Promise.resolve();
  /** One after the other, so that a slow answer does not let later calls overtake. */
  const headersOf = (request: Request): Promise<Headers> => {
    const headers = turn.then(() =>
      authenticatee.authenticate({ method: 'POST', ...request }, credential),
    );
    turn = headers.catch(() => undefined);
    return headers;
  };
  return {
    async send(request, send) {
      const answer = await send(await headersOf(request));
      if (answer.status !== 401 || !authenticatee.reset) return answer;
      authenticatee.reset();
      return send(await headersOf(request));
    },
  };
}
