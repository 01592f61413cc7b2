import type { Clock } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { createHelpProcess } from './help.ts';
import {
  createLoggingProcess,
  createLogLevelControl,
  createProfilerProcess,
  createSystemProcess,
  createVersionProcess,
} from './processes.ts';
import { createRequest } from './request.ts';
import { createServer } from './server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

function start() {
  let level = 0;
  let fire = () => {};
  const clock: Clock = {
    now: () => 0,
    setTimer(_delayMs, callback) {
      fire = callback;
      return { cancel() {} };
    },
  };
  const control = createLogLevelControl(
    {
      get: () => level,
      set: (value) => {
        level = value;
      },
    },
    clock,
  );
  const server = createServer({
    processes: [
      createLoggingProcess(control),
      createProfilerProcess(),
      createSystemProcess(),
      createVersionProcess({ version: '1.12.0', build_date: 'd', build_time: 1, build_user: 'u' }),
    ],
    log,
  });
  server.add(createHelpProcess(() => server.router.processes));
  const get = async (target: string) => {
    const { status, body } = await server.handle(createRequest(target));
    return [status, String(body ?? '')];
  };
  return { get, fire: () => fire() };
}

test.each([
  ['/logging/toggle', 200, '0\n'],
  ['/logging/toggle?level=1', 400, "Expecting 'duration=value' in query.\n"],
  ['/logging/toggle?duration=1secs', 400, "Expecting 'level=value' in query.\n"],
  ['/logging/toggle?level=abc&duration=1secs', 400, "Failed to convert 'abc' to number.\n"],
  ['/logging/toggle?level=-1&duration=1secs', 400, "Invalid level '-1'.\n"],
  ['/logging/toggle?level=1&duration=abc', 400, "Failed to convert '' to number.\n"],
  ['/logging/toggle?level=1&duration=1', 400, "Invalid duration '1'.\n"],
  ['/logging/toggle?level=1&duration=-1secs', 400, "Failed to convert '' to number.\n"],
  ['/help/nosuch', 404, '404 Not Found.'],
  ['/help/version/nosuch', 400, "No help available for '/version/nosuch'.\n"],
])('%s', async (target, status, body) => {
  expect(await start().get(target)).toEqual([status, body]);
});

test('a raised level comes back', async () => {
  const { get, fire } = start();
  expect(await get('/logging/toggle?level=2&duration=1secs')).toEqual([200, '']);
  expect(await get('/logging/toggle')).toEqual([200, '2\n']);
  fire();
  expect(await get('/logging/toggle')).toEqual([200, '0\n']);
});

test('help lists processes and endpoints, as pages and as JSON', async () => {
  const { get } = start();
  const [, body] = await get('/help?format=json');
  const { processes } = JSON.parse(String(body)) as {
    processes: { id: string; endpoints: { name: string }[] }[];
  };
  expect(processes.map(({ id, endpoints }) => [id, ...endpoints.map(({ name }) => name)])).toEqual([
    ['logging', '/toggle'],
    ['profiler', '/start', '/stop'],
    ['system', '/stats.json'],
    ['version', '/'],
  ]);
  for (const target of ['/help', '/help/system', '/help/system/stats.json']) {
    expect(await get(target)).toEqual([200, expect.stringContaining('system')]);
  }
});
