import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerCheckpoints, Isolator } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';
import { readCheckpoint, writeCheckpoint } from '../storage/checkpoint.ts';

interface KeptCheckpoints extends ContainerCheckpoints {
  delete(id: ContainerID): Promise<void>;
}

/** Reads what an earlier agent left. One file for each container, so that they never meet. */
export async function openContainerCheckpoints(directory: string): Promise<KeptCheckpoints> {
  const kept = new Map<string, { readonly id: ContainerID; readonly value: unknown }>();
  for (const file of await list(directory)) {
    const bytes = await readCheckpoint(join(directory, file));
    // Nothing but ours lies here; what a crash cut off before it was renamed was never promised.
    if (!file.endsWith('.json')) await rm(join(directory, file), { force: true });
    else if (bytes) kept.set(file, JSON.parse(bytes.toString()));
  }
  return {
    get: (id) => kept.get(fileName(id))?.value,
    all: () => [...kept.values()],
    async set(id, value) {
      const file = fileName(id);
      const text = JSON.stringify({ id, value });
      kept.set(file, { id, value });
      await writeCheckpoint(join(directory, file), text);
    },
    async delete(id) {
      const file = fileName(id);
      if (kept.delete(file)) await rm(join(directory, file), { force: true });
    },
  };
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Error(`cannot read '${directory}'`, { cause });
  }
}

/** `root.child.json`. */
function fileName(id: ContainerID): string {
  return `${pathOf(id).join('.')}.json`;
}

function pathOf({ value, parent }: ContainerID): string[] {
  return [...(parent ? pathOf(parent) : []), encodeURIComponent(value).replaceAll('.', '%2E')];
}

/** The isolator, with its checkpoints cleared away as containers end, seen or unseen. */
export function withCheckpoints(isolator: Isolator, checkpoints: KeptCheckpoints): Isolator {
  const cleanup = async (id: ContainerID) => {
    await isolator.cleanup?.(id);
    await checkpoints.delete(id);
  };
  const overrides: Isolator = {
    cleanup,
    async recover(states, orphans) {
      await isolator.recover?.(states, orphans);
      const ids = [...states.map(({ containerId }) => containerId), ...orphans];
      const known = new Set(ids.map(fileName));
      for (const { id } of checkpoints.all()) if (!known.has(fileName(id))) await cleanup(id);
    },
  };
  // Its methods may live on a prototype and use private state, so it is asked itself.
  return new Proxy(isolator, {
    get(target, key) {
      const value = Reflect.get(overrides, key) ?? Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
