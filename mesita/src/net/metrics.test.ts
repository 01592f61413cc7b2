import type { Clock } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { createMetricsProcess } from './metrics-process.ts';
import { createRequest } from './request.ts';
import { createServer } from './server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let now = 0;
const clock: Clock = {
  now: () => now,
  setTimer(_delayMs, callback) {
    setImmediate(callback);
    return { cancel() {} };
  },
};

function get(metrics: ReturnType<typeof createMetrics>, target: string) {
  return createServer({ processes: [createMetricsProcess(metrics)], log }).handle(
    createRequest(target),
  );
}

test('a snapshot is one object in order of names; failures and late values are left out', async () => {
  const metrics = createMetrics(clock);
  metrics.counter('master/dropped_messages').increment(2);
  metrics.pushGauge('allocator/outstanding').add(3);
  metrics.gauge('master/elected', async () => 1);
  metrics.gauge('master/broken', () => {
    throw new Error('no');
  });
  metrics.gauge('master/rejecting', () => Promise.reject(new Error('no')));
  metrics.gauge('master/nan', () => Number.NaN);
  metrics.gauge('master/never', () => new Promise(() => {}));
  const { body } = await get(metrics, '/metrics/snapshot?timeout=1ms');
  expect(body).toBe('{"allocator/outstanding":3,"master/dropped_messages":2,"master/elected":1}');
  expect(() => metrics.counter('master/elected')).toThrow(
    "metric 'master/elected' is declared twice",
  );
});

test.each([
  ['abc', "Invalid timeout 'abc': Failed to convert '' to number.\n"],
  ['', "Invalid timeout '': Invalid duration ''.\n"],
  ['-1secs', "Invalid timeout '-1secs': Failed to convert '' to number.\n"],
])('timeout %j is refused', async (timeout, body) => {
  const answer = await get(createMetrics(clock), `/metrics/snapshot?timeout=${timeout}`);
  expect([answer.status, answer.body]).toEqual([400, body]);
});

test('a timer shows its last value and the statistics of its window', async () => {
  const metrics = createMetrics(clock);
  const timer = metrics.timer('registrar/state_store', 1000);
  now = 0;
  timer.record(1e6);
  now = 2000;
  timer.record(5);
  expect(Object.fromEntries(await metrics.snapshot())).toEqual({ 'registrar/state_store_ms': 5 });
  for (let value = 1; value <= 101; value++) timer.record(value);
  expect(Object.fromEntries(await metrics.snapshot())).toEqual({
    'registrar/state_store_ms': 101,
    'registrar/state_store_ms/count': 102,
    'registrar/state_store_ms/max': 101,
    'registrar/state_store_ms/min': 1,
    'registrar/state_store_ms/p50': 50.5,
    'registrar/state_store_ms/p90': expect.closeTo(90.9),
    'registrar/state_store_ms/p95': expect.closeTo(95.95),
    'registrar/state_store_ms/p99': expect.closeTo(99.99),
    'registrar/state_store_ms/p999': expect.closeTo(100.899),
    'registrar/state_store_ms/p9999': expect.closeTo(100.9899),
  });
  metrics.remove('registrar/state_store');
  expect((await metrics.snapshot()).size).toBe(0);
});

test('Prometheus reads the same values', async () => {
  const metrics = createMetrics(clock);
  metrics.counter('master/messages_kill_task').increment();
  const { body } = await get(metrics, '/metrics');
  expect(String(body)).toContain(
    '# TYPE mesos_master_messages_kill_task counter\nmesos_master_messages_kill_task 1\n',
  );
  expect(String(body)).toContain('process_resident_memory_bytes');
});
