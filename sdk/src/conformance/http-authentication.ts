import type { HttpAuthenticationRequest, HttpAuthenticationResult } from '../module/index.ts';
import { suite } from './common.ts';
import { freeze } from './freeze.ts';
import { request } from './samples.ts';
import type { Scene } from './scene.ts';
import type { Case } from './suite.ts';

const MAX_HEADER = 64 << 10;

/** What may stand in the header of somebody who should not come in. */
const rubbish: readonly string[] = [
  '',
  ' ',
  'Basic',
  'Basic ',
  'Basic !!!not-base64!!!',
  'Basic Og==',
  `Basic ${'A'.repeat(MAX_HEADER - 6)}`,
  'Bearer',
  'Bearer a.b.c',
  'Bearer eyJhbGciOiJub25lIn0.e30.',
  'Digest username="x"',
  '\u0000\u0001',
];

function withHeaders(headers: HttpAuthenticationRequest['headers']): HttpAuthenticationRequest {
  return freeze({ ...request, headers });
}

/** Expects exactly one of the three answers. */
function expectOne(scene: Scene<'HttpAuthenticator'>, result: HttpAuthenticationResult): string {
  const kinds = ['principal', 'unauthorized', 'forbidden'].filter(
    (kind) => (result as unknown as Readonly<Record<string, unknown>>)[kind] !== undefined,
  );
  scene.expect('exactly one of principal, unauthorized, forbidden', kinds.length === 1, result);
  return kinds[0] as string;
}

const cases: readonly Case<'HttpAuthenticator'>[] = [
  {
    name: 'it has a scheme',
    async run(scene) {
      const { scheme } = await scene.create();
      const isToken = typeof scheme === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(scheme);
      scene.expect('one word, as stands in WWW-Authenticate', isToken, scheme);
    },
  },
  {
    name: 'who says nothing is told how to say it, and who talks rubbish is not let in',
    async run(scene) {
      const authenticator = await scene.create();
      const requests = [request, ...rubbish.map((authorization) => withHeaders({ authorization }))];
      for (const each of requests) {
        const said = each.headers.authorization;
        scene.when(said === undefined ? 'no header comes' : `'${said.slice(0, 40)}' comes`);
        const result = await scene.answer('authenticate', () =>
          authenticator.authenticate(freeze(each)),
        );
        const kind = expectOne(scene, result);
        scene.expect('nobody is let in', kind !== 'principal', result);
        if (!('unauthorized' in result)) continue;
        const { challenges } = result.unauthorized;
        const isFine = challenges.every((text) => text !== '' && !/[\r\n]/.test(text));
        scene.expect('challenges of one line each', isFine, challenges);
      }
    },
  },
  {
    name: 'who is known is let in, each time, under a name',
    async run(scene) {
      const { admitted, principal } = scene.samples;
      if (!admitted) scene.skip('no request is given that it lets in');
      const authenticator = await scene.create();
      scene.when('the good request comes, three times at once');
      const ask = () => authenticator.authenticate({ ...request, ...admitted });
      const results = await Promise.all([1, 2, 3].map(() => scene.answer('authenticate', ask)));
      for (const result of results) {
        expectOne(scene, result);
        const found = 'principal' in result ? result.principal : undefined;
        scene.expect('a principal', found !== undefined, result);
        const hasName = found?.value !== undefined || found?.claims !== undefined;
        scene.expect('a principal with a value or claims', hasName, found);
        if (principal?.value !== undefined) {
          scene.expect(principal.value, found?.value === principal.value, found?.value);
        }
      }
    },
  },
  {
    name: 'wrong credentials are refused, also right after good ones',
    async run(scene) {
      const { admitted, rejected } = scene.samples;
      if (!rejected) scene.skip('no request with wrong credentials is given');
      const authenticator = await scene.create();
      if (admitted) await authenticator.authenticate({ ...request, ...admitted });
      scene.when('wrong credentials come');
      const result = await scene.answer('authenticate', () =>
        authenticator.authenticate({ ...request, ...rejected }),
      );
      scene.expect('a refusal', expectOne(scene, result) !== 'principal', result);
    },
  },
];

export const httpAuthenticatorSuite = suite('HttpAuthenticator', ['authenticate'], cases);

export const httpAuthenticateeSuite = suite(
  'HttpAuthenticatee',
  ['authenticate'],
  [
    {
      name: 'it has a scheme',
      async run(scene) {
        const { scheme } = await scene.create();
        scene.expect('a word', typeof scheme === 'string' && scheme !== '', scheme);
      },
    },
    {
      name: 'its headers can be sent',
      async run(scene) {
        const authenticatee = await scene.create();
        const { credential = { principal: 'someone', secret: 'secret' } } = scene.samples;
        scene.when('a request is about to be sent');
        const headers = await scene.answer('authenticate', () =>
          authenticatee.authenticate(freeze(request), freeze(credential)),
        );
        const bad = Object.entries(headers).filter(([, value]) => /[\r\n\0]/.test(value));
        scene.expect(
          'no header with a line break',
          bad.length === 0,
          bad.map(([name]) => name),
        );
      },
    },
    {
      name: 'without a credential it answers or refuses',
      async run(scene) {
        const authenticatee = await scene.create();
        scene.when('there is no credential');
        await scene.end('authenticate', () => authenticatee.authenticate(request, undefined));
      },
    },
    {
      name: 'a refusal of the server may be told at any time',
      async run(scene) {
        const authenticatee = await scene.create();
        scene.when('reset is called, before and after a request');
        await scene.answer('reset', () => authenticatee.reset?.());
        await scene.end('authenticate', () => authenticatee.authenticate(request, undefined));
        await scene.answer('reset', () => authenticatee.reset?.());
      },
    },
  ],
);
