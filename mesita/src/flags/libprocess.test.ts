import { err } from '@mesita/sdk/base';
import { expect, test } from 'vitest';
import { loadAddresses } from './libprocess.ts';

const none = { ip: undefined, port: 5050, advertiseIp: undefined, advertisePort: undefined };

function addresses(
  env: Readonly<Record<string, string>>,
  flags: Partial<Record<keyof typeof none, unknown>> = {},
) {
  const read = loadAddresses({ ...none, ...flags } as typeof none, {
    argv: [],
    env,
    readFile: () => err('none'),
  });
  return read.ok ? read.value.values : read.error.message;
}

test('flags win over the environment; the port is always the flag', () => {
  const env = { LIBPROCESS_IP: '10.0.0.1', LIBPROCESS_PORT: '1', LIBPROCESS_ADVERTISE_PORT: '80' };
  expect(addresses(env)).toMatchObject({ ip: '10.0.0.1', port: 5050, advertisePort: 80 });
  expect(addresses(env, { ip: '127.0.0.1' })).toMatchObject({ ip: '127.0.0.1' });
});

test.each([
  [
    { LIBPROCESS_IP: '::1' },
    'Currently we allow only IPv4 address to be specified with the `--ip` flag',
  ],
  [{ LIBPROCESS_ADVERTISE_PORT: '0' }, 'LIBPROCESS_ADVERTISE_PORT=0 is not a valid port'],
  [{ LIBPROCESS_SSL_ENABLED: '1' }, 'LIBPROCESS_SSL_ENABLED is not supported yet'],
  [{ LIBPROCESS_MEMORY_PROFILING: 'true' }, 'LIBPROCESS_MEMORY_PROFILING is not supported yet'],
])('refuses %j', (env, message) => {
  expect(addresses(env as Record<string, string>)).toBe(message);
});

test('tells of what has no effect, once it is set', () => {
  const read = (env: Readonly<Record<string, string>>) =>
    loadAddresses(none as never, { argv: [], env, readFile: () => err('none') });
  expect(read({ LIBPROCESS_LIBEV_NUM_IO_THREADS: '1' })).toMatchObject({ value: { warnings: [] } });
  expect(read({ LIBPROCESS_NUM_WORKER_THREADS: '16' })).toMatchObject({
    value: {
      warnings: ["Flag 'num_worker_threads' has no effect: one event loop does the work"],
    },
  });
});
