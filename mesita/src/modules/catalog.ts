// The one list of built-in modules.
import { unwrap } from '@mesita/sdk/base';
import {
  type AgentModuleContext,
  type Isolator,
  type IsolatorContext,
  isModuleSkipped,
  type Module,
  parseParameters,
  type SecretResolver,
} from '@mesita/sdk/module';
import { builtinIsolators } from '../isolators/builtin.ts';
import type { ModuleManager } from './manager.ts';

/**
 * Makes the isolators that `--isolation` names: built-ins, whose parameters are the agent's flags of
 * the same names, then loaded modules. Undefined when there is none of that name.
 */
export function createIsolatorFactory(
  contextOf: (name: string) => AgentModuleContext,
  flags: ReadonlyMap<string, string>,
  manager: Pick<ModuleManager, 'loaded' | 'create'>,
  secrets: SecretResolver,
): (name: string) => Promise<Isolator | undefined> {
  const builtins: readonly Module<'Isolator'>[] = builtinIsolators;
  return async (name) => {
    const module = builtins.find((candidate) => candidate.name === name);
    if (module) return createBuiltin(module, { ...contextOf(module.name), secrets }, flags);
    // Of another kind: then making it says so.
    const isLoaded = manager.loaded.some((loaded) => loaded.name === name);
    return isLoaded ? createModule(manager, name, secrets) : undefined;
  };
}

async function createBuiltin(
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
