/** Without manifests no module can be there; with them, only loading them tells. */
export function checkModule(
  failed: string,
  name: string | undefined,
  { modules, modulesDir }: { readonly modules: unknown; readonly modulesDir: unknown },
): string | undefined {
  const isAbsent = name !== undefined && modules === undefined && modulesDir === undefined;
  return isAbsent ? `${failed}: Module '${name}' unknown` : undefined;
}

/** Only its form: what else is wrong with it, whoever connects says. Secrets are not repeated. */
export function checkZooKeeper(failed: string, url: string): string | undefined {
  if (!url.startsWith('zk://')) return `${failed}: Failed to parse '${url}'`;
  const path = /^zk:\/\/(?:.*@)?[^/]+(\/.*)?$/s.exec(url);
  if (!path) return `${failed}: expecting zk://host:port,…/path`;
  if ((path[1] ?? '/').replaceAll('/', '') !== '') return undefined;
  return `${failed}: Expecting a (chroot) path for ZooKeeper ('/' is not supported)`;
}

/** As `checkZooKeeper`. */
export function checkEtcd(failed: string, url: string): string | undefined {
  if (/^etcd:\/\/(?:[^:@]+:.+@)?[^/@]+\/[^/].*$/s.test(url)) return undefined;
  return `${failed}: expecting etcd://[user:password@]host:port,…/path`;
}
