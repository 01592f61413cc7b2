import type { Logger } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { createInMemoryStore } from '../storage/in-memory.ts';
import type { RegistryStore } from '../storage/registry-store.ts';
import { createRegistrar } from './registrar.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const info = { id: 'm', ip: 1, port: 5050 };
const agent = (value: string) => ({ hostname: 'h', id: { value } });

test('what is applied is there for the next master', async () => {
  const store = createInMemoryStore();
  const first = createRegistrar(store, log);
  await first.recover(info);
  const outcomes = await Promise.all([
    first.apply({ type: 'AdmitAgent', info: agent('a') }),
    first.apply({ type: 'AdmitAgent', info: agent('a') }),
    first.apply({ type: 'AdmitAgent', info: agent('b') }),
    first.apply({ type: 'RemoveAgent', id: { value: 'b' } }),
    first.apply({ type: 'UpdateAgent', info: agent('a') }),
  ]);
  expect(outcomes).toEqual([true, false, true, true, false]);
  const second = createRegistrar(store, log);
  expect(await second.recover({ ...info, id: 'n' })).toMatchObject({
    master: { info: { id: 'n' } },
    agents: { agents: [{ info: { id: { value: 'a' } } }] },
  });
});

test('a store that fails is not hidden', async () => {
  const broken: RegistryStore = {
    load: async () => undefined,
    save: async () => {
      throw new Error('disk full');
    },
    close: async () => {},
  };
  const registrar = createRegistrar(broken, log);
  await expect(registrar.recover(info)).rejects.toThrow('disk full');
  await expect(registrar.apply({ type: 'AdmitAgent', info: agent('a') })).rejects.toThrow(
    'disk full',
  );
  expect(registrar.queued).toBe(0);
});
