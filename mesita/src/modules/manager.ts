import {
  type AgentModuleContext,
  type ContextOf,
  type InstanceOf,
  isModuleSkipped,
  type KindName,
} from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { type ContextParts, createContexts } from './contexts.ts';
import { hold } from './held.ts';
import { houseInstance } from './homes/home.ts';
import { createMemory, withListeners } from './homes/memory.ts';
import { createMaker, type LoadedModule, type Made, type Maker } from './instances.ts';
import type { Library } from './library.ts';
import { createLibraryOpener, type LibraryOpener } from './library-opener.ts';
import type { Manifest, ModuleEntry } from './manifest.ts';
import type { ModuleRecorder } from './recording/record.ts';
import { type StandIns, standIns } from './stand-ins.ts';
import { type Host, kindMinimums, verifyModule } from './verify.ts';
import { mesitaVersion } from './version.ts';

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
  /** What built-ins of that name get; with their kind they are listed as in use. */
  contextOf(name: string, builtin?: KindName): AgentModuleContext;
  /** Forgets the name; its library stays open. */
  unload(name: string): void;
  /** Answers for modules of its kind whose `on_failure` is `builtin`. */
  setStandIn<K extends KindName>(kind: K, instance: InstanceOf<K>): void;
  /**
   * A built-in that is in use. Where candidates for its place are loaded it is called as modules
   * are, guarded and counted, so that they can run as its shadows; elsewhere it stays as it is.
   */
  holdBuiltin<K extends KindName>(kind: K, name: string, instance: InstanceOf<K>): InstanceOf<K>;
  /** What operating modules works on. */
  readonly shop: Shop;
}

/** The state of a manager. */
export interface Shop {
  readonly loaded: Map<string, LoadedModule>;
  readonly made: Made[];
  readonly builtins: { readonly kind: KindName; readonly name: string }[];
  readonly opener: LibraryOpener;
  readonly maker: Maker;
  readonly host: Host;
  note(one: Made): void;
}

interface ModuleManagerOptions extends ContextParts {
  /** `--module_path`, then the work directory. */
  readonly path: readonly string[];
  readonly host?: Partial<Host>;
  /** Hears of every instance. */
  readonly recorder?: Pick<ModuleRecorder, 'record'>;
}

export function createModuleManager(options: ModuleManagerOptions): ModuleManager {
  const contexts = createContexts(options);
  const own: { -readonly [K in keyof StandIns]: StandIns[K] } = { ...standIns };
  const shop: Shop = {
    ...{ loaded: new Map(), made: [], builtins: [] },
    opener: createLibraryOpener(options.path, options),
    maker: createMaker(contexts, () => own),
    host: { version: mesitaVersion, kindMinimums, ...options.host },
    note(one) {
      made.push(one);
      options.recorder?.record(one.held);
    },
  };
  const { loaded, made, builtins } = shop;
  options.metrics.source(() => figuresOf(made));

  let turn: Promise<void> = Promise.resolve();
  return {
    load(manifest, directory) {
      const next = turn.then(() => loadManifest(shop, manifest, directory));
      turn = next.catch(() => undefined);
      return next;
    },
    contains: (kind, name) => loaded.get(name)?.module.kind === kind,
    find: (kind) => [...loaded.values()].filter((m) => m.module.kind === kind).map((m) => m.name),
    get loaded() {
      return [...loaded.values()];
    },
    create: async (kind, name, more = {}, parameters) => {
      const order = { kind, loaded: findOfKind(loaded, kind, name), more, parameters };
      return (await createInstance(shop, order)).instance as never;
    },
    contextOf(name, builtin) {
      const isNew = !builtins.some((one) => one.kind === builtin && one.name === name);
      if (builtin && isNew) builtins.push({ kind: builtin, name });
      return contexts.contextOf(name);
    },
    unload(name) {
      if (!loaded.delete(name)) {
        throw new Error(`Error unloading module '${name}': module not loaded`);
      }
    },
    setStandIn(kind, instance) {
      own[kind] = instance as never;
    },
    holdBuiltin(kind, name, instance) {
      if (![...loaded.values()].some(({ module }) => module.kind === kind)) {
        builtins.push({ kind, name });
        return instance;
      }
      const memory = withListeners(createMemory(kind));
      const context = contexts.createContext(name);
      const housed = houseInstance({ kind, name, memory }, instance, context.context);
      const version = { loaded: undefined, housed, own: context };
      const held = hold({
        kind,
        memory,
        clock: options.clock,
        name: uniqueName(made, name),
        version,
      });
      shop.note({ order: undefined, held, instance: held.instance });
      return held.instance as never;
    },
    shop,
  };
}

type Order = NonNullable<Made['order']>;

/** Notes what is made, and what this host is none for. */
export async function createInstance(shop: Shop, order: Order): Promise<Made> {
  const { loaded, made, maker } = shop;
  const { name } = order.loaded;
  try {
    const one = await maker.make(order, uniqueName(made, name));
    shop.note(one);
    return one;
  } catch (error) {
    if (isModuleSkipped(error)) loaded.set(name, { ...order.loaded, skipped: error.message });
    throw error;
  }
}

/** A daemon may want several of one module: `basic`, then `basic:2`. */
export function uniqueName(made: readonly Made[], name: string): string {
  let unique = name;
  for (let count = 2; made.some(({ held }) => held.name === unique); count++) {
    unique = `${name}:${count}`;
  }
  return unique;
}

function figuresOf(made: readonly Made[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const { held, shadow } of made) {
    for (const [name, value] of held.metrics()) all.set(`modules/${held.name}/${name}`, value);
    if (!shadow) continue;
    all.set(`modules/${held.name}/shadow_equal`, shadow.tally.equal);
    all.set(`modules/${held.name}/shadow_different`, shadow.tally.different);
  }
  return all;
}

async function loadManifest(
  shop: Shop,
  manifest: Manifest,
  directory: string | undefined,
): Promise<void> {
  const { opener } = shop;
  for (const entry of manifest.libraries) {
    if (entry.modules.length === 0) await opener.open(entry, 'daemon', directory);
    for (const module of entry.modules) {
      loadModule(shop, module, await opener.open(entry, module.home, directory));
    }
  }
}

function loadModule({ loaded, host }: Shop, entry: ModuleEntry, library: Library): void {
  const { name, home } = entry;
  if (name === undefined) {
    throw new Error(`Error: module name not provided with library '${library.name}'`);
  }
  if (home !== 'daemon' && isBuiltin(library)) {
    throw new Error(
      `Error loading module '${name}' from '${library.name}': it is built in: its home is 'daemon'`,
    );
  }
  const next = {
    name: entry.as ?? name,
    module: findVerified(library, entry, host),
    ...{ entry, library },
  };
  const conflict = findConflict(loaded.get(next.name), next);
  if (conflict !== undefined) {
    throw new Error(
      `Error loading module '${next.name}'; this is potentially due to duplicate module names; ` +
        `${conflict} (${library.path})`,
    );
  }
  if (!loaded.has(next.name)) loaded.set(next.name, next);
}

export function isBuiltin({ path }: Library): boolean {
  return path.startsWith('builtin:');
}

/** The module of an entry, if it is there and fits. */
export function findVerified(
  library: Library,
  { name = '', parameters }: ModuleEntry,
  host: Host,
): LoadedModule['module'] {
  const found = library.find(name);
  if (found === undefined) throw new Error(describeMissing(name, library));
  const verified = verifyModule(name, found, parameters, host);
  if (!verified.ok) throw new Error(`${verified.error} (${library.path})`);
  return verified.value;
}

function describeMissing(name: string, { name: library, path, moduleNames }: Library): string {
  const known =
    moduleNames.length === 0 ? 'it exports no module' : `it exports ${moduleNames.join(', ')}`;
  return (
    `Error loading module '${name}': Error looking up symbol '${name}' in '${library}' : ` +
    `${path}: undefined symbol: ${name}; ${known}`
  );
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
