import type { AgentId } from '@mesita/sdk/base';
import { expect, test, vi } from 'vitest';
import type { HttpResponse, HttpSink, HttpStream } from '../../net/http.ts';
import { JSON_TYPE } from '../../net/media-types.ts';
import { everything, type View } from '../../net/view.ts';
import { createWorld, register } from '../core/testing/world.ts';
import { createOperatorStream } from './operator-stream.ts';

/** Timers that fire when they are told to. */
function handClock() {
  const timers = new Set<() => void>();
  return {
    fire: () => {
      const due = [...timers];
      timers.clear();
      for (const run of due) run();
    },
    timers,
    now: () => 0,
    setTimer(_ms: number, run: () => void) {
      timers.add(run);
      return { cancel: () => void timers.delete(run) };
    },
  };
}

function scene(maxSubscribers = 2) {
  const { state, ...world } = createWorld();
  const clock = handClock();
  let ids = 0;
  const random = { next: () => 0, uuid: () => `s${ids++}` };
  const stream = createOperatorStream({ state, clock, random, maxSubscribers });
  return { world: { state, ...world }, clock, stream };
}

/** What a client reads, by the types of the events. */
function read(response: HttpResponse) {
  const types: string[] = [];
  let isEnded = false;
  const sink: HttpSink = {
    closed: new Promise(() => {}),
    drained: async () => {},
    write: (record) => {
      const text = Buffer.from(record).toString('utf8');
      return types.push(JSON.parse(text.slice(text.indexOf('\n'))).type) > 0;
    },
    end: () => {
      isEnded = true;
    },
  };
  (response.body as HttpStream).open(sink);
  return { types, isEnded: () => isEnded };
}

const alive = new AbortController().signal;

test('begins with what is, beats, and tells what happens', () => {
  const { clock, stream } = scene();
  const client = read(stream.subscribe(everything, JSON_TYPE, alive));
  clock.fire();
  stream.tell({ type: 'AGENT_REMOVED', agentId: 'a' as AgentId });
  expect(client.types).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'HEARTBEAT', 'AGENT_REMOVED']);
});

test('leaves out what its client may not see', () => {
  const { world, stream } = scene();
  const blind = { ...everything, showsFramework: () => false, showsTask: () => false };
  const client = read(stream.subscribe(blind, JSON_TYPE, alive));
  const info = { user: 'u', name: 'secret' };
  stream.tell({ type: 'FRAMEWORK_REMOVED', info });
  const agent = world.state.agents.registered.get(register(world as never))!;
  stream.tell({ type: 'AGENT_ADDED', agent });
  expect(client.types).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'AGENT_ADDED']);
});

test('what must be looked up first is told when it is known, and all else after it', async () => {
  const { clock, world, stream } = scene();
  let isKnown = false;
  let isMissed = false;
  const late: View = {
    ...everything,
    showsFramework() {
      isMissed ||= !isKnown;
      return isKnown;
    },
    missing() {
      if (!isMissed) return undefined;
      isMissed = false;
      return new Promise((resolve) =>
        setImmediate(() => {
          isKnown = true;
          resolve();
        }),
      );
    },
  };
  const client = read(stream.subscribe(late, JSON_TYPE, alive));
  stream.tell({ type: 'FRAMEWORK_REMOVED', info: { user: 'u', name: 'looked up' } });
  const agent = world.state.agents.registered.get(register(world as never))!;
  stream.tell({ type: 'AGENT_ADDED', agent });
  clock.fire();
  expect(client.types).toEqual(['SUBSCRIBED', 'HEARTBEAT']);
  const all = ['SUBSCRIBED', 'HEARTBEAT', 'FRAMEWORK_REMOVED', 'AGENT_ADDED', 'HEARTBEAT'];
  await vi.waitUntil(() => client.types.length === all.length);
  expect(client.types).toEqual(all);
});

test('the oldest subscriber makes room, and its heart beats no more', () => {
  const { clock, stream } = scene(2);
  const [first] = [0, 1, 2].map(() => read(stream.subscribe(everything, JSON_TYPE, alive)));
  expect([first?.isEnded(), stream.subscribers, clock.timers.size]).toEqual([true, 2, 2]);
});

test('a client that is gone is forgotten', () => {
  const { clock, stream } = scene();
  const request = new AbortController();
  stream.subscribe(everything, JSON_TYPE, request.signal);
  request.abort();
  expect([stream.subscribers, clock.timers.size]).toEqual([0, 0]);
});
