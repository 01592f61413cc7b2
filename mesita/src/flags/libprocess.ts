import { isIPv4, isIPv6 } from 'node:net';
import { err, ok, type Result } from '@mesita/sdk/base';
import { type Options, param } from '@mesita/sdk/module';
import { type FlagValues, flag, group } from './flag.ts';
import { type LoadError, type Loaded, load, type Source } from './load.ts';
import { int32, unsigned } from './param-types.ts';

function ip<const O extends Options>(options: O) {
  const parse = (text: string): Result<string> =>
    isIPv4(text) || isIPv6(text)
      ? ok(text)
      : err(`Failed to parse IP as either IPv4 or IPv6:${text}`);
  return param.of<string, O>({ type: 'string', parse, format: (text) => text }, options);
}

function checkIp(value: string): string | undefined {
  if (isIPv4(value)) return undefined;
  return 'Currently we allow only IPv4 address to be specified with the `--ip` flag';
}

/** Read from `LIBPROCESS_*` only; the daemon's own flags are put over them. */
export const libprocessFlags = group('Environment', {
  ip: flag(ip({ help: 'Address to bind.' }), { check: checkIp }),
  ip6: flag(ip({ help: 'IPv6 address for containers of the host network.' }), { supported: false }),
  advertise_ip: flag(ip({ help: 'Address told to others.' })),
  port: flag(int32({ help: 'Port to bind; 0 takes a free one.' }), {
    check: (value) =>
      value < 0 || value > 65_535 ? `LIBPROCESS_PORT=${value} is not a valid port` : undefined,
  }),
  advertise_port: flag(int32({ help: 'Port told to others.' }), {
    check: (value) =>
      value <= 0 || value > 65_535
        ? `LIBPROCESS_ADVERTISE_PORT=${value} is not a valid port`
        : undefined,
  }),
  require_peer_address_ip_match: flag(
    param.bool({ default: false, help: "A message's sender must have its connection's address." }),
  ),
  memory_profiling: flag(param.bool({ default: false, help: 'Memory profiler.' }), {
    supported: false,
  }),
  enable_profiler: flag(param.bool({ default: false, help: 'CPU profiler.' }), {
    supported: false,
  }),
  metrics_snapshot_endpoint_rate_limit: flag(
    param.string({ help: 'Throttle of /metrics/snapshot: <count>/<duration>.' }),
    { supported: false },
  ),
  num_worker_threads: flag(
    unsigned({ help: 'Worker threads of libprocess: there are none here.' }),
    {
      effectless: 'one event loop does the work',
    },
  ),
  libev_num_io_threads: flag(
    unsigned({ default: 1, help: 'Threads of libev: there is no libev.' }),
    {
      effectless: 'one event loop does the work',
    },
  ),
});

/** Whoever asks for TLS must not get a plain connection. */
const sslFlags = group('Environment', {
  enabled: flag(param.bool({ default: false, help: 'TLS on every connection.' }), {
    supported: false,
  }),
});

export type LibprocessValues = FlagValues<typeof libprocessFlags>;

/** A daemon's flags that decide about addresses. */
export interface AddressFlags {
  readonly ip: string | undefined;
  readonly port: number;
  readonly advertiseIp: string | undefined;
  readonly advertisePort: string | undefined;
}

/** The addresses to bind and to tell others: flags win over `LIBPROCESS_*`. */
export function loadAddresses(
  flags: AddressFlags,
  source: Source,
): Result<Pick<Loaded<LibprocessValues>, 'values' | 'warnings'>, LoadError> {
  const env: Record<string, string | undefined> = { ...source.env };
  env.LIBPROCESS_PORT = String(flags.port);
  if (flags.ip !== undefined) env.LIBPROCESS_IP = flags.ip;
  if (flags.advertiseIp !== undefined) env.LIBPROCESS_ADVERTISE_IP = flags.advertiseIp;
  if (flags.advertisePort !== undefined) env.LIBPROCESS_ADVERTISE_PORT = flags.advertisePort;

  const { readFile } = source;
  const ssl = load(sslFlags, { argv: [], env, prefix: 'LIBPROCESS_SSL_', readFile });
  if (!ssl.ok) return ssl;
  if (ssl.value.values.enabled)
    return err({ message: 'LIBPROCESS_SSL_ENABLED is not supported yet' });
  const loaded = load(libprocessFlags, { argv: [], env, prefix: 'LIBPROCESS_', readFile });
  if (!loaded.ok) return loaded;
  const [unsupported] = loaded.value.unsupported;
  if (unsupported === undefined) return loaded;
  return err({ message: `LIBPROCESS_${unsupported.toUpperCase()} is not supported yet` });
}
