import { unwrap } from '@mesita/sdk/base';
import type {
  HttpAuthenticationRequest,
  HttpAuthenticator,
  ModuleContext,
} from '@mesita/sdk/module';
import { parseParameters } from '@mesita/sdk/module';
import { describe, expect, test } from 'vitest';
import { createHttpAuthentication } from '../../net/http-authentication.ts';
import { createRequest } from '../../net/request.ts';
import { signToken } from '../json-web-token.ts';
import { basic } from './basic.ts';
import { jwt } from './jwt.ts';

const realm = 'mesos-master-readonly';
const now = 1_700_000_000_000;
const context = { clock: { now: () => now } } as unknown as ModuleContext;

const credentials = JSON.stringify({ credentials: [{ principal: 'ann', secret: 's3cret' }] });
const parameters = unwrap(
  parseParameters(basic.parameters, [
    { key: 'authentication_realm', value: realm },
    { key: 'credentials', value: credentials },
  ]),
);
const byName = basic.create(context, parameters) as HttpAuthenticator;
const byToken = jwt.create(context, {
  authentication_realm: realm,
  secret_key: 'key',
}) as HttpAuthenticator;

const pair = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const ask = (authorization?: string): HttpAuthenticationRequest => ({
  method: 'GET',
  path: '/state',
  headers: authorization === undefined ? {} : { authorization },
  remoteAddress: '127.0.0.1',
});

describe('basic', () => {
  test('names who knows the secret', () => {
    expect(byName.authenticate(ask(pair('ann:s3cret')))).toEqual({ principal: { value: 'ann' } });
  });

  test.each([
    undefined,
    pair('ann:wrong'),
    pair('ann:'),
    pair('bob:'),
    pair('ann'),
    pair('ann:s3cret:more'),
    pair('ann:s3cret').replace('Basic', 'basic'),
    `${pair('ann:s3cret')} more`,
    'Basic !',
    'Basic',
  ])('refuses %j', (header) => {
    expect(byName.authenticate(ask(header))).toEqual({
      unauthorized: { challenges: [`Basic realm="${realm}"`] },
    });
  });

  test('never prints what it knows', () => {
    const { format } = basic.parameters.credentials;
    expect(format(new Map([['ann', 's3cret']]))).toBe('(secret)');
    const bad = parseParameters(basic.parameters, [{ key: 'credentials', value: '{"s3cret"' }]);
    expect(JSON.stringify(bad)).not.toContain('s3cret');
  });
});

describe('jwt', () => {
  const claims = { fid: 'f', eid: 'e', cid: 'c' };
  const token = signToken(claims, 'key');
  const [head, body] = token.split('.');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('gives the claims of a token', () => {
    expect(byToken.authenticate(ask(`Bearer ${token}`))).toEqual({ principal: { claims } });
  });

  test('tells why it refuses', () => {
    const refused = [
      undefined,
      'Bearer',
      'Basic x',
      'Bearer a.b',
      `Bearer ${head}.${body}.AAAA`,
      `Bearer ${encode({ alg: 'none' })}.${body}.`,
      `Bearer ${encode({ alg: '"\r\n' })}.${body}.`,
      `Bearer ${encode({ alg: 'HS256' })}.${encode({ exp: 1 })}.`,
      `Bearer ${signToken({}, 'key')}`,
      `Bearer ${signToken(claims, 'other')}`,
    ].map((header) => byToken.authenticate(ask(header)));
    expect(refused).toMatchSnapshot();
  });
});

describe('a realm', () => {
  const authenticate = (...authenticators: HttpAuthenticator[]) =>
    createHttpAuthentication(new Map([[realm, authenticators]]));
  const request = createRequest('/state');

  test('without authenticators lets everybody in', async () => {
    expect(await authenticate()(realm, request)).toEqual({});
    expect(await authenticate(byName)('another', request)).toEqual({});
  });

  test('challenges', async () => {
    expect(await authenticate(byName)(realm, request)).toMatchSnapshot();
    expect(await authenticate(byName, byToken)(realm, request)).toMatchSnapshot();
  });

  test('§4.1.5 §5.HttpAuthenticator.scheme asks in turn until one names the client', async () => {
    const headers = { Authorization: `Bearer ${signToken({ cid: 'c' }, 'key')}` };
    const outcome = await authenticate(byName, byToken)(realm, createRequest('/', { headers }));
    expect(outcome).toEqual({ claims: { cid: 'c' } });
  });

  test('§4.1.6 tells what failed when nobody refused, and who answers more or less than one', async () => {
    const broken: HttpAuthenticator = {
      scheme: 'Broken',
      authenticate: () => Promise.reject(new Error('no disk')),
    };
    const empty = { scheme: 'Empty', authenticate: () => ({}) } as unknown as HttpAuthenticator;
    const fails = (...list: HttpAuthenticator[]) =>
      authenticate(...list)(realm, request).catch((error: Error) => error.message);
    expect(await fails(broken)).toBe('no disk');
    expect(await fails(broken, empty)).toBe('"Broken" authenticator returned:\nno disk');
    expect(await fails(empty)).toMatch(/must return only one/);
  });
});
