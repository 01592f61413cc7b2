import type { Clock } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import type { Core } from './core.ts';
import { createDriver, type Driver } from './driver.ts';

type Event = string;
type Effect =
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'ask'; readonly then: Event }
  | {
      readonly type: 'setTimer';
      readonly id: string;
      readonly delayMs: number;
      readonly then: Event;
    }
  | { readonly type: 'cancelTimer'; readonly id: string };

/** A clock that moves when told. */
function manualClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  const due = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => now,
    setTimer(delayMs, callback) {
      const entry = { at: now + delayMs, callback };
      due.add(entry);
      return { cancel: () => due.delete(entry) };
    },
    advance(ms) {
      now += ms;
      for (const entry of due) {
        if (entry.at > now) continue;
        due.delete(entry);
        entry.callback();
      }
    },
  };
}

function run(script: (event: Event) => readonly Effect[]) {
  const trace: string[] = [];
  const clock = manualClock();
  const core: Core<Event, Effect> = {
    step(now, event) {
      trace.push(`${now} ${event}`);
      return script(event);
    },
  };
  const note = (text: string, fields?: object) => trace.push(`${text} ${JSON.stringify(fields)}`);
  const driver: Driver<Event> = createDriver<Event, Effect>({
    core,
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    perform(effect, post) {
      if (effect.type === 'ask') post(effect.then);
      else if (effect.text === 'throw') throw new Error('no disk');
      else trace.push(`say ${effect.text}`);
    },
    onCrash: (error, event) => trace.push(`crash ${event}: ${(error as Error).message}`),
  });
  return { driver, trace, clock };
}

const settle = () => new Promise(setImmediate);

test('effects run in order, and outcomes wait behind what is queued', async () => {
  const { driver, trace } = run((event) =>
    event === 'a'
      ? [
          { type: 'say', text: '1' },
          { type: 'ask', then: 'answer' },
          { type: 'say', text: '2' },
        ]
      : [],
  );
  driver.post('a');
  driver.post('b');
  expect(trace).toEqual([]);
  await settle();
  expect(trace).toEqual(['0 a', 'say 1', 'say 2', '0 b', '0 answer']);
});

test('an effect that throws is logged, and the next is performed', async () => {
  const { driver, trace } = run(() => [
    { type: 'say', text: 'throw' },
    { type: 'say', text: 'after' },
  ]);
  driver.post('a');
  await settle();
  expect(trace).toEqual(['0 a', 'effect failed {"effect":"say","error":{}}', 'say after']);
});

test('timers fire once, are replaced by id, cancelled, and end with the driver', async () => {
  const timer = (id: string, delayMs: number, then: Event): Effect => ({
    type: 'setTimer',
    id,
    delayMs,
    then,
  });
  const { driver, trace, clock } = run((event) => {
    if (event === 'start')
      return [timer('x', 10, 'old'), timer('x', 20, 'new'), timer('y', 5, 'y')];
    if (event === 'cancel') return [{ type: 'cancelTimer', id: 'y' }];
    return [timer('z', 1, 'never')];
  });
  driver.post('start');
  driver.post('cancel');
  await settle();
  clock.advance(20);
  await settle();
  driver.stop();
  clock.advance(100);
  await settle();
  expect(trace).toEqual(['0 start', '0 cancel', '20 new']);
});

test('a bug in the core ends it', async () => {
  const { driver, trace } = run(() => {
    throw new Error('broken invariant');
  });
  driver.post('a');
  driver.post('b');
  await settle();
  driver.post('c');
  await settle();
  expect(trace).toEqual(['0 a', 'crash a: broken invariant']);
});

test('a mailbox that never empties leaves the loop its turns', async () => {
  const { driver } = run((event) => [{ type: 'ask', then: event }]);
  driver.post('again');
  await settle();
  driver.stop();
});
