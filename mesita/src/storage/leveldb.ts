import { mkdir } from 'node:fs/promises';
import { ClassicLevel } from 'classic-level';
import { decode, encode } from '../wire/protobuf.ts';
import { Registry as RegistrySchema } from '../wire/schema/registry.ts';
import type { Registry } from '../wire/types/registry.ts';
import type { RegistryStore } from './registry-store.ts';

const KEY = 'registry';

/** The registry as one synced LevelDB value in `directory`, usually `<work_dir>/registry`. */
export async function openLevelDbStore(directory: string): Promise<RegistryStore> {
  const database = new ClassicLevel<string, Uint8Array>(directory, { valueEncoding: 'view' });
  await open(database, directory);
  let latest: Registry | undefined;
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function write(): Promise<void> {
    await writing.catch(() => undefined);
    const registry = latest!;
    next = undefined;
    writing = database.put(KEY, encode(RegistrySchema, registry), { sync: true });
    try {
      await writing;
    } catch (cause) {
      throw new Error(`cannot save the registry in '${directory}'`, { cause });
    }
  }

  return {
    async load() {
      try {
        const bytes = await database.get(KEY);
        return bytes && decode(RegistrySchema, bytes);
      } catch (cause) {
        throw new Error(`cannot read the registry in '${directory}'`, { cause });
      }
    },
    save(registry) {
      latest = registry;
      next ??= write();
      return next;
    },
    async close() {
      await next?.catch(() => undefined);
      await writing.catch(() => undefined);
      await database.close();
    },
  };
}

async function open(database: ClassicLevel<string, Uint8Array>, directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await database.open();
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    const isLocked = (cause as { code?: string }).code === 'LEVEL_LOCKED';
    const text = isLocked
      ? `the registry in '${directory}' is in use by another process`
      : `cannot open the registry in '${directory}'`;
    throw new Error(text, { cause });
  }
}
