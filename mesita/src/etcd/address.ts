import { err, ok, type Result } from '@mesita/sdk/base';

/** `etcd://user:password@host:port,host:port/path`. */
export interface EtcdAddress {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly credential?: { readonly name: string; readonly password: string };
  /** Begins with a slash and does not end with one. */
  readonly path: string;
}

const DEFAULT_PORT = 2379;

/** The error never holds the address: it may hold a password. */
export function parseEtcdAddress(text: string): Result<EtcdAddress> {
  const found = /^etcd:\/\/(?:([^:@]+):(.+)@)?([^/@]+)(\/[^/].*?)\/*$/s.exec(text.trim());
  if (!found) return err("Expecting 'etcd://[user:password@]host:port,…/path'");
  const [, name, password, list = '', path = ''] = found;
  const servers = list.split(',').map(parseServer);
  if (servers.some((server) => server === undefined)) {
    return err("Expecting 'host:port' or several of them, separated by commas");
  }
  return ok({
    servers: servers as EtcdAddress['servers'],
    ...(name === undefined || password === undefined ? {} : { credential: { name, password } }),
    path,
  });
}

function parseServer(text: string): { host: string; port: number } | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text.trim());
  if (!found) return undefined;
  const port = Number(found[3] ?? DEFAULT_PORT);
  return port > 65_535 ? undefined : { host: found[1] ?? found[2]!, port };
}

/** Without its secret, for logs. */
export function showEtcdAddress({ servers, path }: EtcdAddress): string {
  return `etcd://${servers.map(({ host, port }) => `${host}:${port}`).join(',')}${path}`;
}
