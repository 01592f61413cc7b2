// The one list of built-in modules.
import { unwrap } from '@mesita/sdk/base';
import {
  type AgentModuleContext,
  type Isolator,
  type Module,
  parseParameters,
} from '@mesita/sdk/module';
import { builtinIsolators } from '../isolators/builtin.ts';

/**
 * Makes a built-in isolator by its name in `--isolation`; undefined when there is none. Its
 * parameters are the agent's flags of the same names.
 */
export function createBuiltinIsolator(
  context: AgentModuleContext,
  flags: ReadonlyMap<string, string>,
): (name: string) => Promise<Isolator | undefined> {
  const modules: readonly Module<'Isolator'>[] = builtinIsolators;
  return async (name) => {
    const module = modules.find((candidate) => candidate.name === name);
    if (!module) return undefined;
    const pairs = Object.keys(module.parameters).flatMap((key) => {
      const value = flags.get(key);
      return value === undefined ? [] : [{ key, value }];
    });
    return module.create(context, unwrap(parseParameters(module.parameters, pairs)));
  };
}
