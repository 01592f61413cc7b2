import { defineModule, type HttpAuthenticationResult, param } from '@mesita/sdk/module';
import { verifyToken } from '../json-web-token.ts';

/** Bearer tokens signed with a key that the daemon shares: executors and resource providers. */
export const jwt = defineModule({
  kind: 'HttpAuthenticator',
  name: 'jwt',
  parameters: {
    authentication_realm: param.string({ required: true, help: 'Named in challenges.' }),
    secret_key: param.secret({ required: true, help: 'Key of the signatures, HS256.' }),
  },
  create({ clock }, { authentication_realm: realm, secret_key: key }) {
    const bare = `Bearer realm="${realm}"`;
    const refuse = (reason?: string): HttpAuthenticationResult => ({
      unauthorized: {
        challenges: [
          reason === undefined
            ? bare
            : `${bare}, error="invalid_token", error_description="${quotable(reason)}"`,
        ],
      },
    });
    return {
      scheme: 'Bearer',
      authenticate({ headers: { authorization } }) {
        // Who shows nothing is told nothing of why.
        if (authorization === undefined) return refuse();
        const [scheme, token, ...more] = authorization.split(' ');
        if (token === undefined || more.length > 0) {
          return refuse("Malformed 'Authorization' header");
        }
        if (scheme !== 'Bearer') return refuse(`Scheme '${scheme}' unsupported`);
        const claims = verifyToken(token, key, clock.now());
        if (!claims.ok) return refuse(`Invalid JWT: ${claims.error}`);
        if (Object.keys(claims.value).length === 0) return refuse('JWT claims missing');
        return { principal: { claims: claims.value } };
      },
    };
  },
});

/** Parts of it came from the client, and stand between quotes in a header. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, '?');
}
