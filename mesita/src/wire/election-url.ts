import { err, ok, type Result } from '@mesita/sdk/base';
import { formatAddress } from './pid.ts';

/** Where masters are elected: `zk://user:password@host:port,host:port/path`, or the same in etcd. */
export interface ElectionUrl {
  readonly scheme: 'zk' | 'etcd';
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly credential?: { readonly name: string; readonly password: string };
  /** Begins with a slash and does not end with one. Never the root. */
  readonly path: string;
}

const defaultPorts = { zk: 2181, etcd: 2379 };

/** Undefined: of no such scheme. The error never holds the URL, for that may hold a password. */
export function parseElectionUrl(text: string): Result<ElectionUrl> | undefined {
  const found = /^(zk|etcd):\/\/(?:(.*)@)?([^/]*)(\/.*)?$/s.exec(text.trim());
  if (!found) return undefined;
  const [, , credentials, list = '', rest = ''] = found;
  const scheme = found[1] as ElectionUrl['scheme'];
  const path = rest.replace(/\/+$/, '');
  const credential = credentials === undefined ? undefined : parseCredential(credentials);
  if (credentials !== undefined && !credential) {
    return err("Expecting 'username:password' before '@'");
  }
  const servers = list.split(',').map((server) => parseServer(server, defaultPorts[scheme]));
  if (servers.some((server) => server === undefined)) {
    return err("Expecting 'host:port' or several of them, separated by commas");
  }
  if (path === '') {
    const engine = scheme === 'zk' ? 'ZooKeeper' : 'etcd';
    return err(`Expecting a (chroot) path for ${engine} ('/' is not supported)`);
  }
  if (path.includes('//')) return err('Expecting a path without empty parts');
  return ok({
    scheme,
    servers: servers as ElectionUrl['servers'],
    ...(credential && { credential }),
    path,
  });
}

/** Of a URL that was looked at before, as the flags' are. Throws what is wrong with it otherwise. */
export function readElectionUrl(text: string): ElectionUrl {
  const url = parseElectionUrl(text) ?? err("Expecting 'zk://' or 'etcd://'");
  if (!url.ok) throw new Error(url.error);
  return url.value;
}

function parseCredential(text: string): ElectionUrl['credential'] {
  const [, name, password] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  return name === undefined || password === undefined ? undefined : { name, password };
}

function parseServer(text: string, defaultPort: number) {
  const found = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text.trim());
  if (!found) return undefined;
  const port = Number(found[3] ?? defaultPort);
  return port > 65_535 ? undefined : { host: found[1] ?? found[2]!, port };
}

/** Without its secret, for logs. */
export function showElectionUrl({ scheme, servers, path }: ElectionUrl): string {
  return `${scheme}://${servers.map(({ host, port }) => formatAddress(host, port)).join(',')}${path}`;
}
