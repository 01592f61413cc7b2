import type { Secret } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import { createIsolatorScene } from '../scene.testing.ts';
import environmentSecret from './index.ts';

async function prepare(secret: Secret | undefined) {
  const scene = createIsolatorScene();
  try {
    const isolator = await environmentSecret.create(scene.context, {});
    const variables = [
      { name: 'PLAIN', value: 'x' },
      { name: 'TOKEN', type: 'SECRET' as const, secret },
    ];
    const commandInfo = { environment: { variables } };
    return await isolator.prepare?.({ value: 'c' }, { directory: '/', commandInfo });
  } finally {
    scene.end();
  }
}

test('values are put in the environment', async () => {
  const secret: Secret = { type: 'VALUE', value: { data: Buffer.from('s3cret') } };
  expect(await prepare(secret)).toEqual({
    environment: { variables: [{ name: 'TOKEN', type: 'VALUE', value: 's3cret' }] },
  });
});

test.each<[Secret | undefined, string]>([
  [undefined, "Environment variable 'TOKEN' has no secret"],
  [{ type: 'VALUE', value: { data: Buffer.from('a\0b') } }, 'null bytes'],
])('%j is refused', async (secret, text) => {
  await expect(prepare(secret)).rejects.toThrow(text);
});

test('what the resolver refuses fails the launch', async () => {
  const scene = createIsolatorScene();
  const secrets = { resolve: () => Promise.reject(new Error('no such secret')) };
  const isolator = await environmentSecret.create({ ...scene.context, secrets }, {});
  const secret: Secret = { type: 'REFERENCE', reference: { name: 'r' } };
  const commandInfo = {
    environment: { variables: [{ name: 'T', type: 'SECRET' as const, secret }] },
  };
  const launch = isolator.prepare?.({ value: 'c' }, { directory: '/', commandInfo });
  await expect(launch).rejects.toThrow('no such secret');
  scene.end();
});
