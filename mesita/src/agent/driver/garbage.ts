import { readdir, rm, rmdir, stat, statfs, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Logger, Timer } from '@mesita/sdk/base';
import { removeTree, removeTreeInside } from '../../linux/remove-tree.ts';
import { agentsPath, metaPath } from '../checkpoint/paths.ts';
import type { AgentEffect } from '../core/effects.ts';
import { runPath } from '../core/sandbox.ts';

type Schedule = Omit<Extract<AgentEffect, { type: 'scheduleGc' }>, 'type'>;

export interface GarbageCollector {
  /** Removes it later: sandboxes outlive their tasks, for people to read. */
  schedule(what: Schedule): void;
  /** The same of a directory that was in use until now, below one whose owner may put links in it. */
  scheduleInside(root: string, below: string): void;
  /** Of paths, since the start. */
  readonly removals: {
    readonly pending: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  stop(): void;
}

export interface CollectionPolicy {
  readonly delayMs: number;
  /** Share of the disk to be left free. */
  readonly diskHeadroom: number;
  readonly watchIntervalMs: number;
  /** `--gc_non_executor_container_sandboxes`. */
  readonly innerSandboxes?: boolean | undefined;
}

/**
 * How old a sandbox may grow, in milliseconds: the whole delay on an empty disk, nothing once the
 * headroom is reached.
 */
export function maxAllowedAge(policy: CollectionPolicy, used: number): number {
  return policy.delayMs * Math.max(0, 1 - policy.diskHeadroom - used);
}

/** Share of the file system under `path` that is taken, as Mesos counts it: 0 to 1. */
export async function diskUsed(path: string): Promise<number> {
  const { blocks, bfree } = await statfs(path);
  return blocks === 0 ? 0 : (blocks - bfree) / blocks;
}

interface GarbageCollectorOptions {
  readonly workDir: string;
  /** `--gc_delay`, `--gc_disk_headroom` and `--disk_watch_interval`. */
  readonly policy: CollectionPolicy;
  readonly clock: Clock;
  readonly log: Logger;
  /** A directory is gone: nothing may serve it any more. */
  readonly onRemoved: (path: string) => void;
}

interface Waiting {
  readonly timer: Timer;
  readonly at: number;
  /** No link below it is followed. */
  readonly root: string | undefined;
}

export function createGarbageCollector(options: GarbageCollectorOptions): GarbageCollector {
  const { workDir, policy, clock, log, onRemoved } = options;
  const roots = [workDir, metaPath(workDir)];
  const waiting = new Map<string, Waiting>();
  // One after the other: the disk, and the threads that wait for it, are the tasks' as well.
  let removing: Promise<void> = Promise.resolve();
  let succeeded = 0;
  let failed = 0;

  async function schedulePath(
    path: string,
    fresh: boolean,
    delayMs: number,
    root?: string,
  ): Promise<void> {
    const changed = await touch(path, fresh ? clock.now() : undefined);
    if (changed === undefined) return;
    const left = Math.max(0, delayMs - Math.max(0, clock.now() - changed));
    waiting.get(path)?.timer.cancel();
    const timer = clock.setTimer(left, () => enqueue(path));
    waiting.set(path, { timer, at: clock.now() + left, root });
  }

  function enqueue(path: string): void {
    waiting.get(path)?.timer.cancel();
    removing = removing.then(() => remove(path));
  }

  /** Does not wait for what is old enough to go on such a full disk. */
  async function prune(): Promise<void> {
    const used = await diskUsed(workDir);
    const age = maxAllowedAge(policy, used);
    log.debug('disk usage', { used, maxAllowedAgeSecs: age / 1000 });
    const due = clock.now() + policy.delayMs - age;
    for (const [path, { at }] of waiting) if (at <= due) enqueue(path);
  }

  const watch = () => {
    prune()
      .catch((error: unknown) => log.error('cannot measure the disk', { error }))
      .then(() => {
        if (!isStopped) watching = clock.setTimer(policy.watchIntervalMs, watch);
      });
  };
  let isStopped = false;
  let watching = clock.setTimer(policy.watchIntervalMs, watch);

  async function remove(path: string): Promise<void> {
    const entry = waiting.get(path);
    if (isStopped || !entry) return;
    waiting.delete(path);
    try {
      await removeEntry(path, entry);
      succeeded++;
      onRemoved(path);
      if (entry.root === undefined) await removeEmptyParents(path, roots);
      log.info('removed directory', { path });
    } catch (error) {
      failed++;
      log.warn('cannot remove directory', { path, error });
    }
  }

  async function scheduleOthers(agentId: string | undefined, delayMs: number): Promise<void> {
    for (const root of roots) {
      const agents = await readdir(agentsPath(root)).catch(() => []);
      for (const name of agents) {
        if (name === 'latest' || name === agentId) continue;
        await schedulePath(`${agentsPath(root)}/${name}`, false, delayMs);
      }
    }
  }

  async function perform({ target, fresh, delayMs }: Schedule): Promise<void> {
    if (target.kind === 'otherAgents') await scheduleOthers(target.agentId, delayMs);
    else for (const root of roots) await schedulePath(runPath(root, target.run), fresh, delayMs);
  }

  return {
    schedule(what) {
      perform(what).catch((error: unknown) => log.warn('cannot collect garbage', { error }));
    },
    scheduleInside(root, below) {
      schedulePath(`${root}/${below}`, true, policy.delayMs, root).catch((error: unknown) =>
        log.warn('cannot collect garbage', { error }),
      );
    },
    get removals() {
      return { pending: waiting.size, succeeded, failed };
    },
    stop() {
      isStopped = true;
      watching.cancel();
      for (const { timer } of waiting.values()) timer.cancel();
      waiting.clear();
    },
  };
}

function removeEntry(path: string, { root }: Waiting): Promise<void> {
  return root === undefined ? removeTree(path) : removeTreeInside(root, path.slice(root.length));
}

/** When it last changed, in milliseconds; `now` makes that now. Undefined when it is not there. */
async function touch(path: string, now: number | undefined): Promise<number | undefined> {
  try {
    if (now !== undefined) await utimes(path, now / 1000, now / 1000);
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is left of an executor without runs, or a framework without executors, is of no use. */
async function removeEmptyParents(path: string, roots: readonly string[]): Promise<void> {
  for (let at = dirname(path); roots.every((root) => at.length > agentsPath(root).length); ) {
    const left = await readdir(at).catch(() => undefined);
    if (!left?.every(isRemains)) return;
    for (const name of left) await rm(`${at}/${name}`, { force: true });
    try {
      await rmdir(at);
    } catch {
      // Somebody put something there meanwhile.
      return;
    }
    at = dirname(at);
  }
}

const remains = new Set(['latest', 'executor.info', 'executor.generated']);

function isRemains(name: string): boolean {
  return remains.has(name);
}
