import type { Registry } from '../wire/types/registry.ts';

/** Where the master keeps what must outlive it. One process at a time owns a store. */
export interface RegistryStore {
  /** Called once, before any `save`. Undefined when nothing was ever saved. Rejects when unreadable. */
  load(): Promise<Registry | undefined>;
  /**
   * Resolves when `registry` is durable, or when a later one is: saves that overlap may share a
   * write. Rejects when it may not be durable; the caller must not go on as if it were.
   */
  save(registry: Registry): Promise<void>;
  /** Waits for the saves under way. */
  close(): Promise<void>;
}
