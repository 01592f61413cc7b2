import { suite } from './common.ts';
import { freeze } from './freeze.ts';
import type { Secret } from './messages.ts';

const unknown: Secret = freeze({ type: 'REFERENCE', reference: { name: 'no such secret' } });
const malformed: readonly Secret[] = freeze([
  { type: 'REFERENCE' },
  { type: 'REFERENCE', reference: { name: '' } },
  { type: 'REFERENCE', reference: { name: '../../etc/passwd', key: '../..' } },
]);

export const secretResolverSuite = suite(
  'SecretResolver',
  ['resolve'],
  [
    {
      name: 'what it does not know is refused',
      async run(scene) {
        const resolver = await scene.create();
        for (const secret of [unknown, ...malformed]) {
          scene.when(`'${secret.reference?.name ?? ''}' is resolved`);
          const outcome = await scene.end('resolve', () => resolver.resolve(secret));
          scene.expect('a rejection', outcome.state === 'failed', outcome);
        }
      },
    },
    {
      name: 'what it knows is resolved, each time',
      async run(scene) {
        const { secret, value } = scene.samples;
        if (!secret) scene.skip('no secret is given that it knows');
        const resolver = await scene.create();
        scene.when('its secret is resolved, three times at once');
        const ask = () => resolver.resolve(secret as Secret);
        const all = await Promise.all([1, 2, 3].map(() => scene.answer('resolve', ask)));
        for (const found of all) {
          // Never shown: it may be a true one.
          const isEqual = value === undefined || sameBytes(found, value);
          scene.expect('the value of the secret', isEqual, `${found.length} other bytes`);
        }
      },
    },
  ],
);

export const secretGeneratorSuite = suite(
  'SecretGenerator',
  ['generate'],
  [
    {
      name: 'a principal gets a secret that holds something',
      async run(scene) {
        const generator = await scene.create();
        scene.when('a secret is made for claims, as executors have them');
        const claims = freeze({ claims: { fid: 'f1', eid: 'e1', cid: 'c1' } });
        const secret = await scene.answer('generate', () => generator.generate(claims));
        const isWhole =
          (secret.type === 'VALUE' && (secret.value?.data.length ?? 0) > 0) ||
          (secret.type === 'REFERENCE' && (secret.reference?.name ?? '') !== '');
        scene.expect('a VALUE with data or a REFERENCE with a name', isWhole, secret.type);
        scene.when('a secret is made for a name');
        await scene.end('generate', () => generator.generate(freeze({ value: 'executor-1' })));
      },
    },
    {
      name: 'different principals get different secrets, at once',
      async run(scene) {
        const generator = await scene.create();
        scene.when('secrets are made for ten principals');
        const secrets = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            scene.answer('generate', () => generator.generate({ claims: { cid: `c${i}` } })),
          ),
        );
        const texts = new Set(
          secrets.map((secret) => String(secret.value?.data ?? secret.reference)),
        );
        scene.expect('ten secrets', texts.size === 10, `${texts.size}`);
      },
    },
  ],
);

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
