import type { Gpu } from '../../../linux/nvidia-driver.ts';

/** Whose each GPU is. */
interface GpuPool {
  /**
   * What a container has from now on, and what it is to have no more: that is its own until it is
   * given back. Throws when there are not enough.
   */
  resize(
    key: string,
    count: number,
  ): { readonly added: readonly Gpu[]; readonly removed: readonly Gpu[] };
  giveBack(key: string, gpus: readonly Gpu[]): void;
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
      owned.set(key, [...before, ...added]);
      return { added, removed: before.slice(count) };
    },
    giveBack(key, gpus) {
      const kept = owned.get(key)?.filter((gpu) => !gpus.includes(gpu));
      if (kept) owned.set(key, kept);
    },
    occupy: (key, gpus) => void owned.set(key, gpus),
    release: (key) => void owned.delete(key),
  };
}
