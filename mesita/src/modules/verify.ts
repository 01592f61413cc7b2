import { compareVersions, err, ok, parseVersion, type Result, unwrap } from '@mesita/sdk/base';
import {
  isModule,
  type KindName,
  MODULE_API_VERSION,
  type Module,
  parseParameters,
} from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { oneLine } from './one-line.ts';

/** Each kind, and the oldest Mesita whose modules of that kind still fit. */
export const kindMinimums: Readonly<Record<KindName, string>> = {
  AgentOrder: '0.1.0',
  Allocator: '0.1.0',
  AllocatorSorter: '0.1.0',
  Anonymous: '0.1.0',
  Authenticatee: '0.1.0',
  Authenticator: '0.1.0',
  Authorizer: '0.1.0',
  ContainerLogger: '0.1.0',
  DiskProfileAdaptor: '0.1.0',
  Hook: '0.1.0',
  HttpAuthenticatee: '0.1.0',
  HttpAuthenticator: '0.1.0',
  Isolator: '0.1.0',
  MasterContender: '0.1.0',
  MasterDetector: '0.1.0',
  OfferFilter: '0.1.0',
  QoSController: '0.1.0',
  QuotaPolicy: '0.1.0',
  ResourceEstimator: '0.1.0',
  SecretGenerator: '0.1.0',
  SecretResolver: '0.1.0',
};

/** What a module is held against. */
export interface Host {
  readonly version: string;
  readonly kindMinimums: Readonly<Record<string, string>>;
}

/** Mesos' checks in its order, with its texts. A module comes from others' code: nothing is certain. */
export function verifyModule(
  name: string,
  found: unknown,
  parameters: readonly Parameter[],
  host: Host,
): Result<Module> {
  const prefix = `Error verifying module '${name}': `;
  if (!isWhole(found)) return err(`${prefix}Error loading module '${name}'; missing fields`);
  const { apiVersion, kind } = found;
  if (apiVersion !== MODULE_API_VERSION) {
    return err(
      `${prefix}Module API version mismatch. Mesos has: ${MODULE_API_VERSION}, ` +
        `library requires: ${apiVersion}`,
    );
  }
  if (!Object.hasOwn(host.kindMinimums, kind)) return err(`${prefix}Unknown module kind: ${kind}`);
  const version = checkVersion(found, host);
  if (!version.ok) return err(prefix + version.error);
  const read = parseParameters(found.parameters, parameters);
  return read.ok ? ok(found) : err(`${prefix}${read.error}`);
}

function isWhole(found: unknown): found is Module {
  if (!isModule(found)) return false;
  const { name, kind, create, apiVersion, parameters, compatible } = found;
  return (
    typeof name === 'string' &&
    typeof kind === 'string' &&
    typeof create === 'function' &&
    (typeof apiVersion === 'number' || typeof apiVersion === 'string') &&
    typeof parameters === 'object' &&
    parameters !== null &&
    (compatible === undefined || typeof compatible === 'function')
  );
}

function checkVersion(module: Module, host: Host): Result<void> {
  const { name, kind, mesitaVersion, compatible } = module;
  if (mesitaVersion !== undefined) {
    const parsed = parseVersion(String(mesitaVersion));
    if (!parsed.ok) return parsed;
    const minimum = host.kindMinimums[kind] as string;
    if (compareVersions(parsed.value, unwrap(parseVersion(minimum))) < 0) {
      return err(
        `Minimum supported mesos version for '${kind}' is ${minimum}, ` +
          `but module is compiled with version ${mesitaVersion}`,
      );
    }
    const age = compareVersions(parsed.value, unwrap(parseVersion(host.version)));
    if (compatible ? age > 0 : age !== 0) {
      return err(
        `Mesos has version ${host.version}, but module is compiled with version ${mesitaVersion}`,
      );
    }
  }
  if (!compatible) return ok(undefined);
  try {
    if (module.compatible?.()) return ok(undefined);
  } catch (error) {
    return err(`compatible() of module ${name} failed: ${oneLine(error)}`);
  }
  return err(`Module ${name}has determined to be incompatible`);
}
