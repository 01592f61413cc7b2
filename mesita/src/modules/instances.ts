import {
  type AgentModuleContext,
  type InstanceOf,
  type IsolatorContext,
  isModuleSkipped,
  type KindName,
  type Module,
  parseParameters,
} from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { openContainerCheckpoints, withCheckpoints } from './container-checkpoints.ts';
import { checkpointDirectory } from './contexts.ts';
import { within } from './deadline.ts';
import type { Library } from './library.ts';
import type { ModuleEntry } from './manifest.ts';
import { oneLine } from './one-line.ts';

/** One loaded module under the name of its instances. */
export interface LoadedModule {
  /** `as` of its manifest, or the module's own name. */
  readonly name: string;
  readonly module: Module;
  readonly entry: ModuleEntry;
  readonly library: Library;
  /** Why `create` said that this host is none for it. */
  readonly skipped?: string;
}

type CreateInstance = (
  kind: KindName,
  name: string,
  more: object,
  parameters: readonly Parameter[] | undefined,
) => Promise<unknown>;

/** Where the manifest says nothing. */
const CREATE_MS = 30_000;

/** Makes instances of what is loaded. A `create` that fails, or does not end, costs itself only. */
export function createInstances(
  loaded: Map<string, LoadedModule>,
  contextOf: (name: string) => AgentModuleContext,
): CreateInstance {
  async function instantiate(
    { module, name }: LoadedModule,
    more: object,
    pairs: readonly Parameter[],
  ): Promise<unknown> {
    const parameters = parseParameters(module.parameters, pairs);
    if (!parameters.ok) throw new Error(parameters.error);
    const base = contextOf(name);
    const create = async (context: object) =>
      module.create({ ...context, ...more } as never, parameters.value as never);
    if (module.kind !== 'Isolator') return create(base);
    const containers = await openContainerCheckpoints(checkpointDirectory(base.runtimeDir, name));
    const context: Omit<IsolatorContext, 'secrets'> = { ...base, containers };
    const isolator = (await create(context)) as InstanceOf<'Isolator'> | undefined;
    return isolator && withCheckpoints(isolator, containers);
  }

  return async (kind, name, more, parameters) => {
    const found = findOfKind(loaded, kind, name);
    const { entry, library } = found;
    const failed = `Error creating Module instance for '${name}'`;
    let instance: unknown;
    try {
      const made = instantiate(found, more, parameters ?? entry.parameters);
      instance = await within(entry.limits.createMs ?? CREATE_MS, made);
    } catch (error) {
      if (isModuleSkipped(error)) {
        loaded.set(name, { ...found, skipped: error.message });
        throw error;
      }
      throw new Error(`${failed}: ${oneLine(error)} (${library.path})`);
    }
    if (typeof instance === 'object' && instance !== null) return instance;
    throw new Error(`${failed} (${library.path})`);
  };
}

function findOfKind(
  loaded: ReadonlyMap<string, LoadedModule>,
  kind: KindName,
  name: string,
): LoadedModule {
  const found = loaded.get(name);
  if (!found) throw new Error(`Module '${name}' unknown`);
  if (found.module.kind === kind) return found;
  throw new Error(
    `Error creating module instance for '${name}': module is of kind '${found.module.kind}', ` +
      `but the requested kind is '${kind}' (${found.library.path})`,
  );
}
