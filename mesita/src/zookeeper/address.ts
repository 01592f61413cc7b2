import { err, ok, type Result } from '@mesita/sdk/base';

/** `zk://user:password@host:port,host:port/path`. */
export interface ZooKeeperAddress {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** `user:password`, for the scheme `digest`. */
  readonly credential?: string;
  /** Begins with a slash and does not end with one, but for the root itself. */
  readonly path: string;
}

const DEFAULT_PORT = 2181;

/** The error never holds the address: it may hold a password. */
export function parseZooKeeperAddress(text: string): Result<ZooKeeperAddress> {
  const found = /^zk:\/\/(?:(.*)@)?([^/]*)(\/.*)?$/s.exec(text.trim());
  if (!found) return err("Expecting 'zk://' at the beginning");
  const [, credential, list = '', path = '/'] = found;
  if (credential !== undefined && !/^[^:]+:.+$/s.test(credential)) {
    return err("Expecting 'username:password' before '@'");
  }
  const servers = list.split(',').map(parseServer);
  if (servers.some((server) => server === undefined)) {
    return err("Expecting 'host:port' or several of them, separated by commas");
  }
  const trimmed = path.replace(/\/+$/, '') || '/';
  if (trimmed.includes('//')) return err('Expecting a path without empty parts');
  return ok({
    servers: servers as ZooKeeperAddress['servers'],
    ...(credential === undefined ? {} : { credential }),
    path: trimmed,
  });
}

function parseServer(text: string): { host: string; port: number } | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text.trim());
  if (!found) return undefined;
  const port = Number(found[3] ?? DEFAULT_PORT);
  return port > 65_535 ? undefined : { host: found[1] ?? found[2]!, port };
}

/** Without its secret, for logs. */
export function showZooKeeperAddress({ servers, path }: ZooKeeperAddress): string {
  return `zk://${servers.map(({ host, port }) => `${host}:${port}`).join(',')}${path}`;
}
