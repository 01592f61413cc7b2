// The one list of built-in modules.
import { unwrap } from '@mesita/sdk/base';
import {
  type InstanceOf,
  type Isolator,
  type IsolatorContext,
  isModuleSkipped,
  type KindName,
  type Module,
  parseParameters,
  type SecretResolver,
} from '@mesita/sdk/module';
import { cramMd5Authenticatee } from '../builtin/authenticatee/cram-md5.ts';
import { cramMd5Authenticator } from '../builtin/authenticator/cram-md5.ts';
import { local } from '../builtin/authorizer/local.ts';
import { basicAuthenticatee } from '../builtin/http-authenticatee/basic.ts';
import { basic } from '../builtin/http-authenticator/basic.ts';
import { jwt } from '../builtin/http-authenticator/jwt.ts';
import { etcdContender } from '../builtin/master-contender/etcd.ts';
import { zookeeperContender } from '../builtin/master-contender/zookeeper.ts';
import { etcdDetector } from '../builtin/master-detector/etcd.ts';
import { httpDetector } from '../builtin/master-detector/http.ts';
import { zookeeperDetector } from '../builtin/master-detector/zookeeper.ts';
import { jwtGenerator } from '../builtin/secret-generator/jwt.ts';
import { builtinIsolators } from '../isolators/builtin.ts';
import type { ModuleManager } from './manager.ts';

/** Built-ins that a flag names; isolators are a list of their own, allocators the master's. */
const builtins: readonly Module[] = [
  basic,
  basicAuthenticatee,
  jwt,
  jwtGenerator,
  local,
  etcdContender,
  etcdDetector,
  httpDetector,
  zookeeperContender,
  zookeeperDetector,
  cramMd5Authenticatee,
  cramMd5Authenticator,
];

/** Makes the built-in of that name from texts of parameters. Rejects with what is wrong. */
export async function createBuiltin<K extends KindName>(
  kind: K,
  name: string,
  contextOf: ModuleManager['contextOf'],
  parameters: Readonly<Record<string, string>> = {},
): Promise<InstanceOf<K>> {
  const module = builtins.find((each) => each.kind === kind && each.name === name);
  if (!module) throw new Error(`there is no built-in module '${name}' of kind '${kind}'`);
  const pairs = Object.entries(parameters).map(([key, value]) => ({ key, value }));
  const values = parseParameters(module.parameters, pairs);
  if (!values.ok) throw new Error(values.error);
  return (await module.create(
    contextOf(name, kind) as never,
    values.value as never,
  )) as InstanceOf<K>;
}

/**
 * Makes the isolators that `--isolation` names: built-ins, whose parameters are the agent's flags of
 * the same names, then loaded modules. Undefined when there is none of that name.
 */
export function createIsolatorFactory(
  contextOf: ModuleManager['contextOf'],
  flags: ReadonlyMap<string, string>,
  manager: Pick<ModuleManager, 'loaded' | 'create'>,
  secrets: SecretResolver,
): (name: string) => Promise<Isolator | undefined> {
  const isolators: readonly Module<'Isolator'>[] = builtinIsolators;
  return async (name) => {
    const module = isolators.find((candidate) => candidate.name === name);
    if (module)
      return createIsolator(module, { ...contextOf(module.name, 'Isolator'), secrets }, flags);
    // Of another kind: then making it says so.
    const isLoaded = manager.loaded.some((loaded) => loaded.name === name);
    return isLoaded ? createModule(manager, name, secrets) : undefined;
  };
}

async function createIsolator(
  module: Module<'Isolator'>,
  context: Omit<IsolatorContext, 'containers'>,
  flags: ReadonlyMap<string, string>,
): Promise<Isolator> {
  const pairs = Object.keys(module.parameters).flatMap((key) => {
    const value = flags.get(key);
    return value === undefined ? [] : [{ key, value }];
  });
  const parameters = unwrap(parseParameters(module.parameters, pairs));
  return module.create({ ...context, containers: noCheckpoints }, parameters);
}

/** Built-ins keep nothing of their own. */
const noCheckpoints: IsolatorContext['containers'] = {
  get: () => undefined,
  all: () => [],
  set: () => Promise.reject(new Error('built-in isolators keep no checkpoints')),
};

/** A flag asked for it by name, so that being skipped is a failure. */
async function createModule(
  manager: Pick<ModuleManager, 'create'>,
  name: string,
  secrets: SecretResolver,
): Promise<Isolator> {
  try {
    return await manager.create('Isolator', name, { secrets });
  } catch (error) {
    if (!isModuleSkipped(error)) throw error;
    throw new Error(`not for this host: ${error.message}`);
  }
}
