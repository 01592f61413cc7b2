import type { Logger } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { encodeMessage } from '../../wire/messages.ts';
import { readMessage } from './inbox.ts';

const warnings: string[] = [];
const log: Logger = { debug() {}, info() {}, error() {}, warn: (text) => warnings.push(text) };
const from = 'slave(1)@127.0.0.1:5051';
const frameworkId = { value: 'f' };

test('messages become events, those of old drivers calls', () => {
  const pong = readMessage(
    { from, name: 'mesos.internal.PongSlaveMessage', body: new Uint8Array() },
    log,
  );
  expect(pong).toBeUndefined();
  const unregister = { agentId: { value: 'a' } };
  const name = 'mesos.internal.UnregisterSlaveMessage';
  expect(readMessage({ from, name, body: encodeMessage(name, unregister) }, log)).toEqual({
    type: 'UnregisterAgent',
    from,
    message: unregister,
  });
  const kill = 'mesos.internal.KillTaskMessage';
  const body = encodeMessage(kill, { frameworkId, taskId: { value: 't' } });
  expect(readMessage({ from, name: kill, body }, log)).toEqual({
    type: 'DriverCall',
    from,
    call: { type: 'KILL', frameworkId, kill: { taskId: { value: 't' } } },
  });
  const call = 'mesos.scheduler.Call';
  const subscribe = { frameworkInfo: { user: 'u', name: 'n' }, force: true };
  const subscription = encodeMessage(call, { type: 'SUBSCRIBE', subscribe });
  expect(readMessage({ from, name: call, body: subscription }, log)).toMatchObject({
    type: 'DriverCall',
    force: true,
    call: { type: 'SUBSCRIBE', subscribe: { frameworkInfo: { name: 'n' } } },
  });
});

test('noise is a log line', () => {
  const body = new Uint8Array([255, 255, 255]);
  const name = 'mesos.internal.RegisterSlaveMessage';
  expect(readMessage({ from, name, body }, log)).toBeUndefined();
  expect(readMessage({ from, name: 'nonsense', body }, log)).toBeUndefined();
  expect(warnings).toEqual(['unreadable message']);
});
