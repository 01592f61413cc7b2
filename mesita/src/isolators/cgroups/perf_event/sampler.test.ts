import type { Clock, Logger } from '@mesita/sdk/base';
import type { PerfStatistics } from '@mesita/sdk/types';
import { expect, test } from 'vitest';
import type { PerfCount } from '../../../linux/perf/counts.ts';
import { checkPerf, startSampling } from './sampler.ts';

const settings = { events: ['task-clock'], perf_duration: 10_000, perf_interval: 60_000 };

function createWorld() {
  const lines: string[] = [];
  const timers: { readonly atMs: number; readonly callback: () => void }[] = [];
  const world = { nowMs: 0, lines, timers };
  const write = (text: string, fields = {}): void =>
    void lines.push(`${text} ${JSON.stringify(fields)}`);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const clock: Clock = {
    now: () => world.nowMs,
    setTimer(delayMs, callback) {
      timers.push({ atMs: world.nowMs + delayMs, callback });
      return { cancel() {} };
    },
  };
  return { ...world, log, clock, world };
}

const count = (value: number | undefined): PerfCount[] => [
  { event: 'task-clock', group: 'mesos/a', value },
];

test('samples begin an interval apart; one that fails is told and missed', async () => {
  const { world, log, clock, timers, lines } = createWorld();
  const ending = new AbortController();
  const answers = [
    async () => count(7),
    () => Promise.reject(new Error('no access to cgroup')),
    async () => count(undefined),
    async () => count(undefined),
  ];
  const received: PerfStatistics[] = [];
  const perf = {
    async count() {
      world.nowMs += 10_500;
      return (await answers.shift()?.()) ?? [];
    },
  };
  const receive = (each: ReadonlyMap<string, PerfStatistics>) => received.push(...each.values());
  const context = { clock, log, signal: ending.signal };
  startSampling(context, perf, settings, () => ['mesos/a'], receive);
  for (let turn = 1; turn <= 4; turn++) {
    await expect.poll(() => timers.length).toBe(turn);
    const { atMs, callback } = timers[turn - 1] ?? { atMs: 0, callback() {} };
    expect(atMs).toBe(turn * 60_000);
    world.nowMs = atMs;
    if (turn === 4) ending.abort();
    callback();
  }
  expect(received).toEqual([
    { timestamp: 0, duration: 10, taskClock: 7 },
    { timestamp: 120, duration: 10 },
    { timestamp: 180, duration: 10 },
  ]);
  expect(lines).toEqual([
    'Failed to get the perf sample {"error":"no access to cgroup"}',
    'this machine does not count a perf event {"event":"task-clock"}',
  ]);
});

test('perf is not run for nobody', async () => {
  const { clock, log, timers } = createWorld();
  const signal = new AbortController().signal;
  const perf = { count: () => Promise.reject(new Error('asked')) };
  startSampling(
    { clock, log, signal },
    perf,
    settings,
    () => [],
    () => {},
  );
  await expect.poll(() => timers.length).toBe(1);
});

test('what makes sampling impossible is told in Mesos’ words', async () => {
  const { log, lines } = createWorld();
  const perf = { version: async () => 'perf version 6.1', tryEvents: async () => {} };
  const fails = () => Promise.reject(new Error('as it says'));
  const refusal = (changes: object, own: object = {}) =>
    checkPerf({ ...perf, ...own }, { ...settings, ...changes }, log).then(
      () => 'none',
      (error: Error) => error.message,
    );
  expect([
    await refusal({ events: ['task-clock', 'nosuch'] }),
    await refusal({ perf_duration: 60_000 }),
    await refusal({ perf_duration: 90_000 }),
    await refusal({ events: ['a', 'b'] }, { tryEvents: fails }),
    await refusal({}, { version: fails }),
  ]).toEqual([
    'none',
    'none',
    'Sampling perf for duration (90secs) > interval (1mins) is not supported.',
    'Invalid perf events: { a, b }: as it says',
    'Perf is not supported: as it says',
  ]);
  expect(lines).toEqual(['no statistics have a place for this perf event {"event":"nosuch"}']);
});
