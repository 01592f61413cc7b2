import type { Task } from '@mesita/sdk/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from '../json.ts';
import { decode, encode } from '../protobuf.ts';
import * as mesos from '../schema/mesos.ts';

function task(id: string, more: Partial<Task> = {}): Task {
  return {
    name: 'web',
    taskId: { value: id },
    frameworkId: { value: 'the framework of these' },
    agentId: { value: 'the agent of these' },
    state: 'TASK_RUNNING',
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 0.25 }, allocationInfo: { role: 'web' } },
    ],
    ...more,
  };
}

function read(id: string, more?: Partial<Task>): Task {
  return decode(mesos.Task, encode(mesos.Task, task(id, more)));
}

test('what came often is one object, which nobody can change', () => {
  const [, , third, fourth] = ['a', 'b', 'c', 'd'].map((id) => read(id));
  expect(fourth).toEqual(task('d'));
  expect(fourth?.agentId).toBe(third?.agentId);
  expect(fourth?.resources?.[0]).toBe(third?.resources?.[0]);
  expect(fourth?.taskId).not.toBe(third?.taskId);
  expect(Object.isFrozen(fourth?.resources?.[0]?.scalar)).toBe(true);
  expect(Object.isFrozen(fourth?.resources)).toBe(false);
});

test('a piece that comes later leaves what is shared alone', () => {
  const labels = { labels: [{ key: 'merged' }] };
  const whole = ['a', 'b', 'c', 'd'].map((id) => read(id, { labels })).at(-1);
  const pieces = Buffer.concat([
    encode(mesos.Task, task('e', { labels })),
    encode(mesos.Task, task('e', { labels: { labels: [{ key: 'later' }] } })),
  ]);
  const merged = decode(mesos.Task, pieces);
  expect(merged.labels).toEqual({ labels: [{ key: 'merged' }, { key: 'later' }] });
  expect(whole?.labels).toEqual(labels);
  expect(read('f', { labels }).labels).toEqual(labels);
});

test('unknown fields stay with the message that had them', () => {
  const known = encode(mesos.AgentID, { value: 'mine' });
  const newer = Buffer.concat([known, Uint8Array.of(0xf8, 0x07, 1)]);
  const labelled = (id: Uint8Array) =>
    Buffer.concat([encode(mesos.Offer, { ...offer }), Uint8Array.of(0x1a, id.length), id]);
  for (let i = 0; i < 5; i++) {
    expect(decode(mesos.Offer, labelled(newer)).agentId).toHaveProperty('$unknown');
    expect(decode(mesos.Offer, labelled(known)).agentId).toEqual({ value: 'mine' });
  }
});

const offer = {
  id: { value: 'o' },
  frameworkId: { value: 'f' },
  agentId: { value: '' },
  hostname: 'h',
};

test('bytes that look like the letters of a known word are no such word', () => {
  const read = (...bytes: number[]) =>
    decode(mesos.AgentID, Uint8Array.of(0x0a, bytes.length, ...bytes)).value;
  for (let i = 0; i < 4; i++) {
    expect([read(0xc3, 0xa9), read(0xe9), read(0x65)]).toEqual(['é', '\ufffd', 'e']);
  }
});

test('whatever came before, a message says what it says', () => {
  const word = fc.constantFrom('', 'a', 'b', 'ab', 'é', 'a'.repeat(100));
  const label = fc.record({ key: word, value: word }, { requiredKeys: ['key'] });
  const some = fc.record({ name: word, labels: fc.record({ labels: fc.array(label) }) });
  fc.assert(
    fc.property(fc.array(some, { minLength: 5 }), (list) => {
      for (const more of list) {
        expect(stringify(mesos.Task, read('t', more))).toBe(stringify(mesos.Task, task('t', more)));
      }
    }),
  );
});
