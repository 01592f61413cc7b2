import type { Gpu } from '../../../linux/nvidia-driver.ts';

/** Whose each GPU is. */
interface GpuPool {
  /** What a container has, and what it had and has no more. Throws when there are not enough. */
  resize(
    key: string,
    count: number,
  ): { readonly added: readonly Gpu[]; readonly removed: readonly Gpu[] };
  /** Found with a container of an earlier agent. */
  occupy(key: string, gpus: readonly Gpu[]): void;
  release(key: string): void;
}

export function createGpuPool(all: readonly Gpu[]): GpuPool {
  const owned = new Map<string, readonly Gpu[]>();
  const available = (): readonly Gpu[] => {
    const taken = new Set([...owned.values()].flat());
    return all.filter((gpu) => !taken.has(gpu));
  };
  return {
    resize(key, count) {
      const before = owned.get(key) ?? [];
      const kept = before.slice(0, count);
      const free = available();
      const missing = count - kept.length;
      if (missing > free.length) {
        throw new Error(`Requested ${missing} gpus but only ${free.length} available`);
      }
      const added = free.slice(0, missing);
      owned.set(key, [...kept, ...added]);
      return { added, removed: before.slice(count) };
    },
    occupy: (key, gpus) => void owned.set(key, gpus),
    release: (key) => void owned.delete(key),
  };
}
