import type { Clock, Logger } from '@mesita/sdk/base';
import type { Anonymous, KindName } from '@mesita/sdk/module';
import { retire } from './held.ts';
import type { LoadedModule, Made } from './instances.ts';
import { findVerified, type ModuleManager, type Shop, uniqueName } from './manager.ts';
import type { Manifest } from './manifest.ts';
import { mayShadow, startShadow } from './shadow/shadow.ts';

/** What an operator does to the modules of a running daemon. Each rejects with one line. */
export interface ModuleOperations {
  /** False: the file is what it was, and nothing was done. */
  reload(name: string, isForced: boolean): Promise<boolean>;
  load(manifest: Manifest): Promise<void>;
  unload(name: string): Promise<void>;
  /** Lets a loaded module run beside the instance `of`, without effect. */
  shadow(candidate: string, of: string): Promise<void>;
  unshadow(candidate: string): Promise<void>;
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
  shop.opener.stepAside();
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
    async shadow(candidate, of) {
      await shadow(shop, candidate, of, clock);
      log.info('module runs as a shadow', { name: candidate, of });
    },
    async unshadow(candidate) {
      await unshadow(shop, candidate);
      log.info('module is no shadow any more', { name: candidate });
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
  shop.opener.stepAside();
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

async function shadow(shop: Shop, name: string, of: string, clock: Clock): Promise<void> {
  const loaded = shop.loaded.get(name);
  const acting = shop.made.find(({ held }) => held.name === of);
  if (!loaded) throw new Error(`Module '${name}' unknown`);
  if (shop.builtins.some((one) => one.name === of)) {
    throw new Error(`'${of}' gets shadows where a candidate was loaded before it was made`);
  }
  if (!acting || acting.shadow) throw new Error(`No module acts as '${of}'`);
  const { kind } = acting.held;
  if (loaded.module.kind !== kind) {
    throw new Error(`Module '${name}' is of kind ${loaded.module.kind}, '${of}' of kind ${kind}`);
  }
  if (!mayShadow(kind)) throw new Error(`A module of kind ${kind} has no shadows`);
  if (instancesOf(shop, name).length > 0) throw new Error(`Module '${name}' is in use`);
  const order = { kind, loaded, more: {}, parameters: undefined };
  const made = await shop.maker.make(order, uniqueName(shop.made, name));
  try {
    shop.note({ ...made, shadow: await startShadow(acting.held, made.held, clock) });
  } catch (error) {
    await made.held.empty();
    throw error;
  }
}

async function unshadow(shop: Shop, name: string): Promise<void> {
  const found = instancesOf(shop, name).find((one) => one.shadow);
  if (!found) throw new Error(`Module '${name}' is no shadow`);
  found.shadow?.stop();
  shop.made.splice(shop.made.indexOf(found), 1);
  await found.held.empty();
}
