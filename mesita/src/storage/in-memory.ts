import { createGroupCommit } from './group-commit.ts';
import { type Storage, staleEpoch } from './storage.ts';

/** What several stores share that stand for one server. */
export interface Memory {
  epoch: number;
  readonly records: Map<string, Uint8Array>;
}

/** `--registry=in_memory`: for tests and for trying things out. */
export function createInMemoryStorage(memory: Memory = { epoch: 0, records: new Map() }): Storage {
  return {
    load: async () => ({ epoch: memory.epoch, records: new Map(memory.records) }),
    ...createGroupCommit(async ({ epoch, changes }) => {
      if (epoch < memory.epoch) throw staleEpoch(epoch, memory.epoch);
      memory.epoch = epoch;
      for (const [key, value] of changes) {
        if (value) memory.records.set(key, value);
        else memory.records.delete(key);
      }
    }),
  };
}
