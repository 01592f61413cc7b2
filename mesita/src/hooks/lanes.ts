export interface LaneKeys {
  readonly after: readonly string[];
  readonly holds: readonly string[];
}

/**
 * Lets what is being decorated be overtaken by what has nothing to do with it, and by nothing else.
 * Keys are names: of a task, an executor, a framework.
 */
interface Lanes {
  /**
   * Runs `work` when all earlier work that holds a key of `after` is done; at once, inside of this
   * call, when there is none. While it waits and runs, it holds the keys of `holds`.
   */
  enter(keys: LaneKeys, work: () => void | Promise<void>): void;
}

export function createLanes(onError: (error: unknown) => void): Lanes {
  const held = new Map<string, Set<Promise<void>>>();

  function hold(keys: readonly string[], done: Promise<void>): void {
    for (const key of keys) held.set(key, (held.get(key) ?? new Set()).add(done));
  }

  function release(keys: readonly string[], done: Promise<void>): void {
    for (const key of keys) {
      const holders = held.get(key);
      holders?.delete(done);
      if (holders?.size === 0) held.delete(key);
    }
  }

  return {
    enter({ after, holds }, work) {
      const earlier = after.flatMap((key) => [...(held.get(key) ?? [])]);
      const first = earlier.length === 0 ? work() : Promise.all(earlier).then(work);
      if (!first) return;
      const done: Promise<void> = first.catch(onError).then(() => release(holds, done));
      hold(holds, done);
    },
  };
}
