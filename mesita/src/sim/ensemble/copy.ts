import { createWatches } from '../../zookeeper/watches.ts';
import type { Quorum } from './quorum.ts';
import type { WatchOf } from './server.ts';
import { apply, createTree, type Entry, parentOf, type Tree } from './tree.ts';

/** What one server has learned so far. */
interface Copy {
  readonly tree: Tree;
  /** The newest entry that it knows. */
  readonly applied: bigint;
  applyUpTo(id: bigint): void;
  /** As soon as it knows that entry. */
  after(id: bigint, go: () => void): void;
  watch(session: bigint, watch: WatchOf): void;
  forgetWatches(session: bigint): void;
}

export function createCopy(quorum: Quorum): Copy {
  const tree = createTree();
  const watches = new Map<bigint, ReturnType<typeof createWatches>>();
  let applied = 0n;
  let waiting: { readonly id: bigint; readonly go: () => void }[] = [];

  function learn(entry: Entry): void {
    applied = entry.id;
    for (const { path, kind } of apply(tree, entry).changes) {
      for (const one of watches.values()) {
        one.fire(path, kind);
        if (kind !== 'CHANGED') one.fire(parentOf(path), 'CHILDREN_CHANGED');
      }
    }
  }

  return {
    tree,
    get applied() {
      return applied;
    },
    applyUpTo(id) {
      while (applied < id) learn(quorum.log[Number(applied)] as Entry);
      const ready = waiting.filter((one) => one.id <= applied);
      waiting = waiting.filter((one) => one.id > applied);
      for (const { go } of ready) go();
    },
    after(id, go) {
      if (applied >= id) go();
      else waiting.push({ id, go });
    },
    watch(session, { subject, path, tell }) {
      const found = watches.get(session) ?? createWatches();
      watches.set(session, found);
      found.add(subject, path, tell);
    },
    forgetWatches: (session) => void watches.delete(session),
  };
}
