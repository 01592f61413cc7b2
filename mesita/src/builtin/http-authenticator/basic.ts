import { err, ok } from '@mesita/sdk/base';
import { defineModule, type HttpAuthenticationResult, param } from '@mesita/sdk/module';
import { DecodeError } from '../../wire/errors.ts';
import { fromJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';
import { equalSecrets } from '../equal-secrets.ts';

/** Name and password of RFC 7617, against a list. The list is secret, and is never printed. */
export const basic = defineModule({
  kind: 'HttpAuthenticator',
  name: 'basic',
  parameters: {
    authentication_realm: param.string({ required: true, help: 'Named in challenges.' }),
    credentials: param.of(
      { type: 'secret', parse: parseCredentials, format: () => '(secret)' },
      { required: true, help: 'JSON of the message Credentials.' },
    ),
  },
  create(_context, { authentication_realm: realm, credentials }) {
    const refusal: HttpAuthenticationResult = {
      unauthorized: { challenges: [`Basic realm="${realm}"`] },
    };
    return {
      scheme: 'Basic',
      authenticate({ headers }) {
        const given = readHeader(headers.authorization);
        if (!given) return refusal;
        // An unknown name costs as much as a wrong password.
        const isRight = equalSecrets(given.password, credentials.get(given.name) ?? '');
        if (!isRight || !credentials.has(given.name)) return refusal;
        return { principal: { value: given.name } };
      },
    };
  },
});

function parseCredentials(text: string) {
  try {
    const { credentials = [] } = fromJson(mesos.Credentials, JSON.parse(text));
    return ok(new Map(credentials.map(({ principal, secret = '' }) => [principal, secret])));
  } catch (error) {
    if (error instanceof DecodeError) return err(error.message);
    return err('Expecting JSON');
  }
}

function readHeader(header: string | undefined) {
  const [scheme, encoded, ...more] = header?.split(' ') ?? [];
  if (scheme !== 'Basic' || encoded === undefined || more.length > 0) return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return undefined;
  const [name, password, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  if (name === undefined || password === undefined || rest.length > 0) return undefined;
  return { name, password };
}
