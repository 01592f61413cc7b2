import type { Registry } from '../wire/types/registry.ts';
import type { RegistryStore } from './registry-store.ts';

/** `--registry=in_memory`: for tests and for trying things out. */
export function createInMemoryStore(initial?: Registry): RegistryStore {
  let current = initial;
  return {
    load: async () => current,
    async save(registry) {
      current = registry;
    },
    async close() {},
  };
}
