import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { defineModule } from '@mesita/sdk/module';
import { digestOf, MECHANISM } from '../cram-md5.ts';
import { equalSecrets } from '../equal-secrets.ts';

/** CRAM-MD5 of RFC 2195: who knows the secret can sign what nobody saw before. */
export const cramMd5Authenticator = defineModule({
  kind: 'Authenticator',
  name: 'crammd5',
  create({ clock, log }) {
    let secrets: ReadonlyMap<string, string> = new Map();
    return {
      mechanism: MECHANISM,
      initialize(credentials) {
        secrets = new Map(credentials?.map(({ principal, secret = '' }) => [principal, secret]));
      },
      async authenticate(peer, channel) {
        const messages = channel.messages[Symbol.asyncIterator]();
        const hello = await messages.next();
        if (hello.done) return undefined;
        const nonce = randomBytes(16).toString('hex');
        const challenge = Buffer.from(`<${nonce}.${clock.now()}@${hostname()}>`);
        channel.send(challenge);
        const response = await messages.next();
        if (response.done) return undefined;
        const text = Buffer.from(response.value).toString('utf8');
        const at = text.lastIndexOf(' ');
        const [principal, digest] = [text.slice(0, at), text.slice(at + 1)];
        // An unknown name costs as much as a wrong secret.
        const isRight = equalSecrets(digest, digestOf(secrets.get(principal) ?? '', challenge));
        if (at > 0 && isRight && secrets.has(principal)) return principal;
        log.warn('authentication failed', { peer });
        return undefined;
      },
    };
  },
});
