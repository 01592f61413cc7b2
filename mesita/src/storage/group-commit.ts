import type { Commit, Storage } from './storage.ts';

/** How much one write may take together. A single commit that is larger makes a write alone. */
interface GroupLimits {
  readonly changes: number;
  readonly bytes: number;
}

interface Waiting extends Commit {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const noLimits: GroupLimits = {
  changes: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
};

/**
 * Commits that come while a write is under way make the next one together. `write` is called for
 * one at a time, and never again after it rejected.
 */
export function createGroupCommit(
  write: (commit: Commit) => Promise<void>,
  limits: GroupLimits = noLimits,
): Pick<Storage, 'commit' | 'close'> {
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const group = failure ? waiting : firstGroup(waiting, limits);
      waiting = waiting.slice(group.length);
      try {
        if (failure) throw failure.error;
        await write(merge(group));
        for (const { resolve } of group) resolve();
      } catch (error) {
        failure ??= { error };
        for (const { reject } of group) reject(error);
      }
    }
    writing = undefined;
  }

  return {
    commit: ({ epoch, changes }) =>
      new Promise((resolve, reject) => {
        waiting.push({ epoch, changes, bytes: sizeOf(changes), resolve, reject });
        // A turn later, so that commits of one turn go together.
        writing ??= Promise.resolve().then(drain);
      }),
    close: async () => writing,
  };
}

function firstGroup(waiting: readonly Waiting[], limits: GroupLimits): Waiting[] {
  const [first] = waiting;
  let changes = 0;
  let bytes = 0;
  const end = waiting.findIndex((commit, index) => {
    changes += commit.changes.size;
    bytes += commit.bytes;
    const isTooMuch = changes > limits.changes || bytes > limits.bytes;
    return index > 0 && (isTooMuch || commit.epoch !== first?.epoch);
  });
  return waiting.slice(0, end < 0 ? waiting.length : end);
}

function merge(group: readonly Waiting[]): Commit {
  const [first, ...rest] = group as [Waiting, ...Waiting[]];
  if (rest.length === 0) return first;
  const changes = new Map(first.changes);
  for (const commit of rest) for (const [key, value] of commit.changes) changes.set(key, value);
  return { epoch: first.epoch, changes };
}

function sizeOf(changes: Commit['changes']): number {
  let bytes = 0;
  for (const [key, value] of changes) bytes += key.length + (value?.length ?? 0);
  return bytes;
}
