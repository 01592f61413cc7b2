import { createGroupCommit } from '../../storage/group-commit.ts';
import { type Commit, type Storage, staleEpoch } from '../../storage/storage.ts';
import type { Life } from './life.ts';
import type { SeededRandom } from './random.ts';

/** Where a master that is alone keeps its registry. An end may lose what was not yet called durable. */
export interface RegistryDisk {
  readonly records: ReadonlyMap<string, Uint8Array>;
  /** As the next one: the one before is over. */
  open(life: Life): Storage;
}

export function createRegistryDisk(random: SeededRandom): RegistryDisk {
  const records = new Map<string, Uint8Array>();
  let epoch = 0;
  let unsynced: Commit[] = [];

  function apply(commit: Commit): void {
    epoch = commit.epoch;
    for (const [key, value] of commit.changes) {
      if (value) records.set(key, value);
      else records.delete(key);
    }
  }

  return {
    records,
    open(life) {
      // In the order of their writing: of a log any beginning may be left.
      for (const commit of unsynced.splice(0, random.index(unsynced.length + 1))) apply(commit);
      unsynced = [];
      return {
        load: async () => ({ epoch, records: new Map(records) }),
        ...createGroupCommit(async (commit) => {
          if (commit.epoch < epoch) throw staleEpoch(commit.epoch, epoch);
          unsynced.push(commit);
          await new Promise<void>((resolve) => {
            const syncMs = random.between(1, random.chance(0.02) ? 3000 : 20);
            life.setTimer(syncMs, resolve);
          });
          unsynced.splice(unsynced.indexOf(commit), 1);
          apply(commit);
        }),
      };
    },
  };
}
