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
  return read.ok ? read.value : read.error.message;
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
  [
    { LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH: 'true' },
    'LIBPROCESS_REQUIRE_PEER_ADDRESS_IP_MATCH is not supported yet',
  ],
])('refuses %j', (env, message) => {
  expect(addresses(env as Record<string, string>)).toBe(message);
});
