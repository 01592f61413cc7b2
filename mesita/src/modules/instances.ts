import {
  type AgentModuleContext,
  type Isolator,
  isModuleSkipped,
  type KindName,
  type Module,
} from '@mesita/sdk/module';
import type { Parameter } from '@mesita/sdk/types';
import { openContainerCheckpoints, withCheckpoints } from './container-checkpoints.ts';
import { type Contexts, checkpointDirectory } from './contexts.ts';
import { type Held, hold, type Version } from './held.ts';
import { NoInstance } from './homes/daemon.ts';
import { createInHome } from './homes/home.ts';
import { createMemory, type Memory, withListeners } from './homes/memory.ts';
import type { Library } from './library.ts';
import type { ModuleEntry } from './manifest.ts';
import { oneLine } from './one-line.ts';
import type { Shadow } from './shadow/shadow.ts';
import type { StandIns } from './stand-ins.ts';

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

/** What was asked for: enough to make the instance once more. */
interface Order {
  readonly kind: KindName;
  readonly loaded: LoadedModule;
  /** What a kind's context has beyond the usual. */
  readonly more: object;
  /** In place of the manifest's. */
  readonly parameters: readonly Parameter[] | undefined;
}

/** A made instance, and how it was made. */
export interface Made {
  /** Undefined: it is built in. */
  readonly order: Order | undefined;
  readonly held: Held;
  /** What the daemon got. */
  readonly instance: object;
  /** It only looks on. */
  readonly shadow?: Shadow;
}

export interface Maker {
  /** Rejects with one line, or with `ModuleSkipped`. */
  make(order: Order, name: string): Promise<Made>;
  /** Of the same order, or one like it: to take its place, or to be tried beside it. */
  makeVersion(order: Order, name: string, memory: Memory): Promise<Version>;
}

/** Makes instances of what is loaded. A `create` that fails, or does not end, costs itself only. */
export function createMaker(contexts: Contexts, standIns: () => StandIns): Maker {
  async function makeVersion(order: Order, name: string, memory: Memory): Promise<Version> {
    const { kind, loaded, more, parameters } = order;
    const { module, entry, library } = loaded;
    const own = contexts.createContext(loaded.name);
    try {
      const housed = await createInHome(
        {
          ...{ kind, name, home: entry.home, module, library, memory },
          parameters: parameters ?? entry.parameters,
          limits: entry.limits,
          onFailure: entry.onFailure,
          builtin: standIns()[kind] as never,
        },
        { ...own.context, ...more },
      );
      return { loaded, housed, own };
    } catch (error) {
      own.end();
      if (isModuleSkipped(error)) throw error;
      const why = error instanceof NoInstance ? '' : `: ${oneLine(error)}`;
      throw new Error(
        `Error creating Module instance for '${loaded.name}'${why} (${library.path})`,
      );
    }
  }

  async function make(order: Order, name: string): Promise<Made> {
    const { kind } = order;
    const memory = withListeners(createMemory(kind));
    const context = contexts.contextOf(order.loaded.name);
    const kept = kind === 'Isolator' ? await openKept(context) : undefined;
    const full = kept ? { ...order, more: { ...order.more, containers: kept } } : order;
    const version = await makeVersion(full, name, memory);
    const held = hold({ name, kind, memory, clock: context.clock, version });
    const instance = kept ? withCheckpoints(held.instance as Isolator, kept) : held.instance;
    return { order: full, held, instance };
  }

  return { make, makeVersion };
}

function openKept({ runtimeDir, name }: AgentModuleContext) {
  return openContainerCheckpoints(checkpointDirectory(runtimeDir, name));
}
