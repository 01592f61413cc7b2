import { parseElectionUrl } from '../wire/election-url.ts';

/** Without manifests no module can be there; with them, only loading them tells. */
export function checkModule(
  failed: string,
  name: string | undefined,
  { modules, modulesDir }: { readonly modules: unknown; readonly modulesDir: unknown },
): string | undefined {
  const isAbsent = name !== undefined && modules === undefined && modulesDir === undefined;
  return isAbsent ? `${failed}: Module '${name}' unknown` : undefined;
}

/** What is of no scheme that elects is shown, for there is no password in it. */
export function checkElectionUrl(
  failed: string,
  url: string,
  schemes: readonly string[] = ['zk', 'etcd'],
): string | undefined {
  const parsed = parseElectionUrl(url);
  if (!parsed) return `${failed}: Failed to parse '${url}'`;
  if (!parsed.ok) return `${failed}: ${parsed.error}`;
  if (schemes.includes(parsed.value.scheme)) return undefined;
  return `${failed}: Expecting '${schemes.join(' or ')}://' at the beginning`;
}
