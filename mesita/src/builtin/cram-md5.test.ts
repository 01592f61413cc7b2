import type { AuthenticationChannel, ModuleContext } from '@mesita/sdk/module';
import { expect, test } from 'vitest';
import { createRemoteChannel } from '../modules/homes/channels.ts';
import { cramMd5Authenticatee } from './authenticatee/cram-md5.ts';
import { cramMd5Authenticator } from './authenticator/cram-md5.ts';
import { digestOf } from './cram-md5.ts';

const context = {
  clock: { now: () => 0 },
  log: { warn: () => undefined },
} as unknown as ModuleContext;

test('signs as RFC 2195 shows', () => {
  const challenge = Buffer.from('<1896.697170952@postoffice.reston.mci.net>');
  expect(digestOf('tanstaaftanstaaf', challenge)).toBe('b913a602c7eda7a495b4e6e7334d3890');
});

async function meet(secret: string, known = 's3cret'): Promise<readonly unknown[]> {
  const server = await cramMd5Authenticator.create(context, {});
  const client = await cramMd5Authenticatee.create(context, {});
  await server.initialize([{ principal: 'an agent', secret: known }]);
  const left = createRemoteChannel((message) => right.receive(message));
  const right = createRemoteChannel((message) => left.receive(message));
  const { signal } = new AbortController();
  const credential = { principal: 'an agent', secret };
  const asked = client.authenticate('master', 'slave(1)', credential, right, signal);
  const principal = await server.authenticate('slave(1)', left, signal);
  if (principal !== undefined) right.receive(new Uint8Array());
  else right.end();
  return [principal, await asked.catch((error: Error) => error.message)];
}

test('lets in who knows the secret, and nobody else', async () => {
  expect(await meet('s3cret')).toEqual(['an agent', true]);
  expect(await meet('guess')).toEqual([undefined, 'The server came to no end']);
  expect(await meet('')).toEqual([undefined, 'The server came to no end']);
});

test.each(['', ' ', 'an agent', 'an agent ', ' 00', 'nobody 00', '\u0000 \u0000'])(
  'a response of %j proves nothing',
  async (response) => {
    const server = await cramMd5Authenticator.create(context, {});
    await server.initialize([{ principal: 'an agent', secret: 's' }]);
    const channel = createRemoteChannel(() => channel.receive(Buffer.from(response)));
    channel.receive(new Uint8Array());
    const { signal } = new AbortController();
    expect(await server.authenticate('x', channel as AuthenticationChannel, signal)).toBe(
      undefined,
    );
  },
);
