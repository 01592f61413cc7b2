import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DecodeError } from './errors.ts';
import {
  decodeMessage,
  decodeReceived,
  encodeMessage,
  type Receiver,
  received,
} from './messages.ts';

const table = readFileSync(
  new URL('../../test/wire-facts/process_messages.tsv', import.meta.url),
  'utf8',
);

test.each<[Receiver, string]>([
  ['master', 'master'],
  ['agent', 'slave(N)'],
  ['schedulerDriver', 'scheduler-<uuid> (v0 driver)'],
  ['executorDriver', 'executor(N) (v0 driver)'],
  ['authenticatee', 'crammd5-authenticatee(N)'],
  ['authenticatorSession', 'crammd5-authenticator session'],
  ['agentObserver', 'slave-observer / master'],
])('%s takes what the process %s of Mesos takes', (receiver, process) => {
  const facts = table
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([name]) => name === process)
    .map(([, message = '']) => message.replace('scheduler::', ''));
  const names = received[receiver].map((name) =>
    name.replace(/^mesos\.(internal|scheduler)\./, ''),
  );
  expect([...names].sort()).toEqual(facts.sort());
});

test('a message is read by its full name', () => {
  const name = 'mesos.internal.PingSlaveMessage';
  const body = encodeMessage(name, { connected: true });
  expect(decodeMessage(name, body)).toEqual({ connected: true });
  expect(decodeReceived('agent', name, body)).toEqual({ name, message: { connected: true } });
  expect(decodeReceived('master', name, body)).toBeUndefined();
  expect(decodeReceived('agent', 'mesos.internal.StatusUpdate', body)).toBeUndefined();
  expect(() => decodeReceived('agent', name, Uint8Array.of(8))).toThrow(DecodeError);
});
