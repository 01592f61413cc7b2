import type { Clock, Logger } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { createInMemoryStorage, type Memory } from '../storage/in-memory.ts';
import type { Storage } from '../storage/storage.ts';
import { encode } from '../wire/protobuf.ts';
import * as schema from '../wire/schema/registry.ts';
import { createRegistrar } from './registrar.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const info = { id: 'm', ip: 1, port: 5050 };
const agent = (value: string) => ({ hostname: 'h', id: { value } });
const timeouts = { fetchMs: 60_000, storeMs: 20_000 };

/** Time passes when the test says so. */
function stoppedClock() {
  const timers = new Map<number, () => void>();
  const clock: Clock = {
    now: () => 0,
    setTimer(delayMs, callback) {
      timers.set(delayMs, callback);
      return { cancel: () => timers.delete(delayMs) };
    },
  };
  return { clock, timers };
}

function registrarOn(store: Storage) {
  const { clock, timers } = stoppedClock();
  return { registrar: createRegistrar({ store, timeouts, clock, log }), timers };
}

const never = () => new Promise<never>(() => undefined);

test('what is applied is there for the next master', async () => {
  const store = createInMemoryStorage();
  const { registrar: first, timers } = registrarOn(store);
  await first.recover(info);
  const outcomes = await Promise.all([
    first.apply({ type: 'AdmitAgent', info: agent('a') }),
    first.apply({ type: 'AdmitAgent', info: agent('a') }),
    first.apply({ type: 'AdmitAgent', info: agent('b') }),
    first.apply({ type: 'RemoveAgent', id: { value: 'b' } }),
    first.apply({ type: 'UpdateAgent', info: agent('a') }),
  ]);
  expect(outcomes).toEqual([true, false, true, true, false]);
  expect(timers.size).toBe(0);
  const { registrar: second } = registrarOn(store);
  expect(await second.recover({ ...info, id: 'n' })).toMatchObject({
    master: { info: { id: 'n' } },
    agents: { agents: [{ info: { id: { value: 'a' } } }] },
  });
});

test('a store that fails is not hidden, and not trusted again', async () => {
  const store = createInMemoryStorage();
  let isFull = false;
  const commit: Storage['commit'] = async (changes) => {
    if (isFull) throw new Error('cannot save', { cause: new Error('disk full') });
    return store.commit(changes);
  };
  const { registrar } = registrarOn({ ...store, commit });
  await registrar.recover(info);
  isFull = true;
  const admit = (id: string) => registrar.apply({ type: 'AdmitAgent', info: agent(id) });
  const text = 'Failed to update registry: cannot save: disk full';
  await expect(admit('a')).rejects.toThrow(text);
  isFull = false;
  await expect(admit('b')).rejects.toThrow(text);
  expect(registrar.queued).toBe(0);
});

test('a store that hangs is given up after the time of the flags', async () => {
  const store = createInMemoryStorage();
  const reading = registrarOn({ ...store, load: never });
  const unread = reading.registrar.recover(info);
  reading.timers.get(timeouts.fetchMs)!();
  await expect(unread).rejects.toThrow(
    'Failed to recover registrar: Failed to perform fetch within 1mins',
  );

  let hangs = false;
  const writing = registrarOn({ ...store, commit: (c) => (hangs ? never() : store.commit(c)) });
  await writing.registrar.recover(info);
  hangs = true;
  const unwritten = writing.registrar.apply({ type: 'AdmitAgent', info: agent('a') });
  writing.timers.get(timeouts.storeMs)!();
  await expect(unwritten).rejects.toThrow(
    'Failed to update registry: Failed to perform store within 20secs',
  );
});

test('a leader that was replaced writes nothing more', async () => {
  const memory: Memory = { epoch: 0, records: new Map() };
  const { registrar: old } = registrarOn(createInMemoryStorage(memory));
  const { registrar: next } = registrarOn(createInMemoryStorage(memory));
  await old.recover(info, 7);
  await old.apply({ type: 'AdmitAgent', info: agent('a') });
  await next.recover({ ...info, id: 'n' }, 8);
  await expect(old.apply({ type: 'AdmitAgent', info: agent('b') })).rejects.toThrow(
    'Failed to update registry: version mismatch',
  );
  expect(memory).toMatchObject({ epoch: 8 });
  expect([...memory.records.keys()]).toEqual(['master/', 'agents/a']);
  const { registrar: late } = registrarOn(createInMemoryStorage(memory));
  await expect(late.recover(info, 7)).rejects.toThrow('version mismatch');
});

test('a registry in one record is taken apart, and one of a newer master left alone', async () => {
  const whole = { agents: { agents: [{ info: agent('a') }, { info: agent('b') }] } };
  const records = new Map([['registry', encode(schema.Registry, whole)]]);
  const memory: Memory = { epoch: 0, records };
  const { registrar } = registrarOn(createInMemoryStorage(memory));
  expect(await registrar.recover(info)).toMatchObject({ master: { info }, ...whole });
  expect([...records.keys()].sort()).toEqual(['agents/a', 'agents/b', 'master/']);

  const newer = { minimumCapabilities: [{ capability: 'WINGS' }] };
  records.set('registry', encode(schema.Registry, newer));
  const { registrar: older } = registrarOn(createInMemoryStorage(memory));
  await expect(older.recover(info)).rejects.toThrow(
    'Master is missing the following minimum capabilities: WINGS',
  );
  expect(memory.epoch).toBe(1);
});
