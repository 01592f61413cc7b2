import type { Clock, Logger } from '@mesita/sdk/base';
import type { Anonymous, KindName } from '@mesita/sdk/module';
import { retire } from './held.ts';
import type { LoadedModule, Made } from './instances.ts';
import { findVerified, type ModuleManager, type Shop } from './manager.ts';
import type { Manifest } from './manifest.ts';

/** What an operator does to the modules of a running daemon. Each rejects with one line. */
export interface ModuleOperations {
  /** False: the file is what it was, and nothing was done. */
  reload(name: string, isForced: boolean): Promise<boolean>;
  load(manifest: Manifest): Promise<void>;
  unload(name: string): Promise<void>;
}

/** Whoever leads is elected with what it holds; a change of it is a change of the leader. */
const UNCHANGEABLE: ReadonlySet<KindName> = new Set(['MasterContender']);

/** May leave a daemon that runs: nobody counts on them. */
const LEAVING: ReadonlySet<KindName> = new Set(['Anonymous', 'Hook']);

interface OperationsParts {
  readonly manager: ModuleManager;
  readonly clock: Clock;
  readonly log: Logger;
  /** Modules were loaded, exchanged or unloaded. */
  readonly onChange: () => void;
}

export function createModuleOperations(parts: OperationsParts): ModuleOperations {
  const { manager, clock, log, onChange } = parts;
  const { shop } = manager;
  return {
    async reload(name, isForced) {
      const isNew = await reload(shop, name, isForced, clock);
      onChange();
      if (isNew) log.info('module reloaded', { name, hash: hashOf(shop, name) });
      return isNew;
    },
    async load(manifest) {
      const before = new Set(shop.loaded.keys());
      await manager.load(manifest);
      for (const loaded of shop.loaded.values()) {
        if (before.has(loaded.name)) continue;
        log.info('module loaded', { name: loaded.name, kind: loaded.module.kind });
        if (loaded.module.kind === 'Anonymous') await manager.create('Anonymous', loaded.name);
      }
    },
    async unload(name) {
      await unload(manager, name);
      onChange();
      log.info('module unloaded', { name });
    },
  };
}

function instancesOf({ made }: Shop, name: string): readonly Made[] {
  return made.filter(({ order }) => order?.loaded.name === name);
}

function hashOf({ loaded }: Shop, name: string): string | undefined {
  return loaded.get(name)?.library.hash;
}

/** Names are those of instances: several of one module are reloaded together. */
async function reload(shop: Shop, name: string, isForced: boolean, clock: Clock): Promise<boolean> {
  const { loaded, opener, host } = shop;
  const old = loaded.get(name);
  if (!old) throw new Error(`Module '${name}' unknown`);
  const { entry, library, module } = old;
  if (library.path.startsWith('builtin:')) throw new Error(`Module '${name}' is built in`);
  if (UNCHANGEABLE.has(module.kind)) {
    throw new Error(`A module of kind ${module.kind} is exchanged by restarting the daemon`);
  }
  const opened = await opener.reopen(library, entry.home);
  if (opened.hash === library.hash && opened.hash !== '' && !isForced) return false;
  const next: LoadedModule = {
    name,
    entry,
    library: opened,
    module: findVerified(opened, entry, host),
  };
  if (next.module.kind !== module.kind) {
    throw new Error(`Module '${name}' was of kind ${module.kind} and is now ${next.module.kind}`);
  }
  for (const one of instancesOf(shop, name)) await exchange(shop, one, next, clock);
  opener.keep(opened, entry.home);
  loaded.set(name, next);
  return true;
}

/** The old one goes on until the new one was made and has taken over. */
async function exchange({ maker }: Shop, one: Made, loaded: LoadedModule, clock: Clock) {
  const { held, order } = one;
  if (!order) return;
  const old = held.version.housed;
  const version = await maker.makeVersion({ ...order, loaded }, held.name, held.memory);
  try {
    await held.replace(version);
  } catch (error) {
    void retire(version, clock);
    throw error;
  }
  if (held.kind === 'Anonymous') await (old.instance as Anonymous).stop?.();
}

async function unload(manager: ModuleManager, name: string): Promise<void> {
  const { shop } = manager;
  const found = shop.loaded.get(name);
  if (!found) return manager.unload(name);
  const instances = instancesOf(shop, name);
  if (instances.length > 0 && !LEAVING.has(found.module.kind)) {
    throw new Error(`Module '${name}' is in use as ${found.module.kind}`);
  }
  manager.unload(name);
  for (const one of instances) {
    if (one.held.kind === 'Anonymous') await (one.held.instance as Anonymous).stop?.();
    shop.made.splice(shop.made.indexOf(one), 1);
    await one.held.empty();
  }
}
