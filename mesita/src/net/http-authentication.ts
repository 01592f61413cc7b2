// Who sent a request: the authenticators of its realm say.
import type { HttpAuthenticationResult, HttpAuthenticator } from '@mesita/sdk/module';
import type { DispatchOptions } from './dispatch.ts';
import type { HttpRequest, HttpResponse, Realm } from './http.ts';
import { failure } from './responses.ts';

type Authenticate = NonNullable<DispatchOptions['authenticate']>;

/** One authenticator, or several that are asked in turn. A realm without any lets everybody in. */
export function createHttpAuthentication(
  realms: ReadonlyMap<Realm, readonly HttpAuthenticator[]>,
): Authenticate {
  return async (realm, request) => {
    const authenticators = realms.get(realm) ?? [];
    if (authenticators.length === 0) return {};
    const [only, second] = authenticators;
    const result =
      only && !second ? await only.authenticate(request) : await askInTurn(authenticators, request);
    if (countAnswers(result) !== 1) throw new Error(ambiguous);
    if ('principal' in result) {
      const { value, claims } = result.principal;
      return { principal: value, claims };
    }
    return { refusal: toRefusal(result) };
  };
}

const ambiguous =
  'HTTP authenticators must return only one of an authenticated principal, an Unauthorized response, or a Forbidden response';

/** Modules may answer what their types forbid. */
function countAnswers(result: HttpAuthenticationResult): number {
  const { principal, unauthorized, forbidden } = result as Readonly<Record<string, unknown>>;
  return [principal, unauthorized, forbidden].filter((part) => part !== undefined).length;
}

type Refusal = Exclude<HttpAuthenticationResult, { readonly principal: unknown }>;

function toRefusal(refusal: Refusal): HttpResponse {
  if ('forbidden' in refusal) return failure(403, refusal.forbidden.body);
  const { challenges, body } = refusal.unauthorized;
  const response = failure(401, body);
  const headers = { ...response.headers, 'WWW-Authenticate': challenges.join(', ') };
  return { ...response, headers };
}

/** The first principal wins; otherwise all refusals of the gentlest sort are told together. */
async function askInTurn(
  authenticators: readonly HttpAuthenticator[],
  request: HttpRequest,
): Promise<HttpAuthenticationResult> {
  const refused: { readonly scheme: string; readonly refusal: Refusal }[] = [];
  const failed: string[] = [];
  for (const authenticator of authenticators) {
    const { scheme } = authenticator;
    try {
      const result = await authenticator.authenticate(request);
      if (countAnswers(result) !== 1) continue;
      if ('principal' in result) return result;
      refused.push({ scheme, refusal: result });
    } catch (error) {
      failed.push(quote(scheme, error instanceof Error ? error.message : String(error)));
    }
  }
  const unauthorized = refused.flatMap(({ scheme, refusal }) =>
    'unauthorized' in refusal ? [{ scheme, ...refusal.unauthorized }] : [],
  );
  if (unauthorized.length > 0) {
    return {
      unauthorized: {
        challenges: [unauthorized.map(({ challenges }) => challenges.join(', ')).join(',')],
        body: unauthorized
          .map(({ scheme, body }) => quote(scheme, statusOf(401, body)))
          .join('\n\n'),
      },
    };
  }
  const forbidden = refused.flatMap(({ scheme, refusal }) =>
    'forbidden' in refusal ? quote(scheme, statusOf(403, refusal.forbidden.body)) : [],
  );
  if (forbidden.length > 0) return { forbidden: { body: forbidden.join('\n\n') } };
  throw new Error(failed.length > 0 ? failed.join('\n\n') : ambiguous);
}

function statusOf(status: number, body: string | undefined): string {
  return body ?? (failure(status).body as string);
}

function quote(scheme: string, body: string): string {
  return `"${scheme}" authenticator returned:\n${body}`;
}
