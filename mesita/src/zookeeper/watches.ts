import type { EventKind } from './session.ts';

type Subject = 'node' | 'children';

/** Whom to tell of what. Each is told once. */
interface Watches {
  add(subject: Subject, path: string, watch: () => void): void;
  fire(path: string, kind: EventKind): void;
  fireAll(): void;
}

export function createWatches(): Watches {
  const watched = { node: new Map<string, Set<() => void>>(), children: new Map() } as Record<
    Subject,
    Map<string, Set<() => void>>
  >;

  function take(subject: Subject, path: string): void {
    const found = watched[subject].get(path);
    watched[subject].delete(path);
    for (const watch of found ?? []) watch();
  }

  return {
    add(subject, path, watch) {
      const found = watched[subject].get(path);
      if (found) found.add(watch);
      else watched[subject].set(path, new Set([watch]));
    },
    fire(path, kind) {
      if (kind !== 'CHILDREN_CHANGED') take('node', path);
      // A node that goes takes its children with it.
      if (kind === 'CHILDREN_CHANGED' || kind === 'DELETED') take('children', path);
    },
    fireAll() {
      for (const subject of ['node', 'children'] as const) {
        for (const path of [...watched[subject].keys()]) take(subject, path);
      }
    },
  };
}
