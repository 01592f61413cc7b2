import type { AgentModuleContext, ContextOf, InstanceOf, KindName } from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { findBuiltinLibrary } from './builtin-libraries.ts';
import { type ContextParts, createContexts } from './contexts.ts';
import { createInstances, type LoadedModule } from './instances.ts';
import { type Library, openLibrary, resolveFile, resolvePackage } from './library.ts';
import type { LibraryEntry, Manifest, ModuleEntry } from './manifest.ts';
import { type Host, kindMinimums, verifyModule } from './verify.ts';

/**
 * Knows what is loaded and makes instances of it. Everything that fails throws one line with
 * Mesos' words and the file it is about.
 */
export interface ModuleManager {
  /** In the manifest's order. What was loaded before a failure stays loaded. */
  load(manifest: Manifest, directory?: string): Promise<void>;
  contains(kind: KindName, name: string): boolean;
  /** Names of a kind, in the order of loading. */
  find(kind: KindName): readonly string[];
  readonly loaded: readonly LoadedModule[];
  /** `parameters` replace the manifest's; `more` is what a kind's context has beyond the usual. */
  create<K extends KindName>(
    kind: K,
    name: string,
    more?: Partial<ContextOf<K>>,
    parameters?: readonly Parameter[],
  ): Promise<InstanceOf<K>>;
  /** What instances of that name are given, whatever their kind. */
  contextOf(name: string): AgentModuleContext;
  /** Forgets the name; its library stays open. */
  unload(name: string): void;
}

interface ModuleManagerOptions extends ContextParts {
  /** `--module_path`, then the work directory. */
  readonly path: readonly string[];
  readonly host?: Partial<Host>;
}

export function createModuleManager(options: ModuleManagerOptions): ModuleManager {
  const host = { version: '0.1.0', kindMinimums, ...options.host };
  const libraries = new Map<string, Library>();
  const loaded = new Map<string, LoadedModule>();
  const contextOf = createContexts(options);
  const create = createInstances(loaded, contextOf);

  async function open(entry: LibraryEntry, beside: string | undefined): Promise<Library> {
    const places = { beside, path: options.path };
    const name = entry.file ?? entry.name;
    if (name === undefined) throw new Error('Library name or path not provided');
    const builtin = findBuiltinLibrary(entry);
    if (builtin) return builtin;
    const path =
      entry.file === undefined ? await resolvePackage(name, places) : resolveFile(name, places);
    const library = libraries.get(path) ?? (await openLibrary(name, path));
    libraries.set(path, library);
    return library;
  }

  function loadModule(entry: ModuleEntry, library: Library): void {
    const { name, home } = entry;
    if (name === undefined) {
      throw new Error(`Error: module name not provided with library '${library.name}'`);
    }
    if (home !== 'daemon') {
      throw new Error(
        `Error loading module '${name}' from '${library.path}': home '${home}' is not supported yet`,
      );
    }
    const found = library.find(name);
    if (found === undefined) throw new Error(describeMissing(name, library));
    const verified = verifyModule(name, found, entry.parameters, host);
    if (!verified.ok) throw new Error(`${verified.error} (${library.path})`);
    const next = { name: entry.as ?? name, module: verified.value, entry, library };
    const conflict = findConflict(loaded.get(next.name), next);
    if (conflict !== undefined) {
      throw new Error(
        `Error loading module '${next.name}'; this is potentially due to duplicate module names; ` +
          `${conflict} (${library.path})`,
      );
    }
    if (!loaded.has(next.name)) loaded.set(next.name, next);
  }

  let turn: Promise<void> = Promise.resolve();
  return {
    load(manifest, directory) {
      const next = turn.then(async () => {
        for (const entry of manifest.libraries) {
          const library = await open(entry, directory);
          for (const module of entry.modules) loadModule(module, library);
        }
      });
      turn = next.catch(() => undefined);
      return next;
    },
    contains: (kind, name) => loaded.get(name)?.module.kind === kind,
    find: (kind) => [...loaded.values()].filter((m) => m.module.kind === kind).map((m) => m.name),
    get loaded() {
      return [...loaded.values()];
    },
    create: (kind, name, more = {}, parameters) => create(kind, name, more, parameters) as never,
    contextOf,
    unload(name) {
      if (!loaded.delete(name)) {
        throw new Error(`Error unloading module '${name}': module not loaded`);
      }
    },
  };
}

function describeMissing(name: string, { name: library, path, moduleNames }: Library): string {
  const known =
    moduleNames.length === 0 ? 'it exports no module' : `it exports ${moduleNames.join(', ')}`;
  return (
    `Error loading module '${name}': Error looking up symbol '${name}' in '${library}' : ` +
    `${path}: undefined symbol: ${name}; ${known}`
  );
}

/** The same module may be asked for any number of times; another one of its name may not. */
function findConflict(earlier: LoadedModule | undefined, next: LoadedModule): string | undefined {
  if (!earlier) return undefined;
  const [a, b] = [earlier.library.path, next.library.path];
  if (a !== b)
    return `The same module appears in two different module libraries - '${a}' and '${b}'`;
  const parameters = [earlier, next].map(({ entry }) => JSON.stringify(entry.parameters));
  if (parameters[0] !== parameters[1]) {
    return 'A module with same name but different parameters already exists';
  }
  const rest = [earlier, next].map(({ entry }) => JSON.stringify({ ...entry, parameters: [] }));
  if (rest[0] === rest[1] && earlier.module === next.module) return undefined;
  return 'A module with same name but different module manifest already exists';
}
