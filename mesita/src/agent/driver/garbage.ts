import { readdir, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Logger, Timer } from '@mesita/sdk/base';
import { agentsPath, metaPath } from '../checkpoint/paths.ts';
import type { AgentEffect } from '../core/effects.ts';
import { runPath } from '../core/sandbox.ts';

type Schedule = Omit<Extract<AgentEffect, { type: 'scheduleGc' }>, 'type'>;

export interface GarbageCollector {
  /** Removes it later: sandboxes outlive their tasks, for people to read. */
  schedule(what: Schedule): void;
  /** Of paths, since the start. */
  readonly removals: {
    readonly pending: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  stop(): void;
}

interface GarbageCollectorOptions {
  readonly workDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** A directory is gone: nothing may serve it any more. */
  readonly onRemoved: (path: string) => void;
}

export function createGarbageCollector(options: GarbageCollectorOptions): GarbageCollector {
  const { workDir, clock, log, onRemoved } = options;
  const roots = [workDir, metaPath(workDir)];
  const timers = new Map<string, Timer>();
  let succeeded = 0;
  let failed = 0;

  async function schedulePath(path: string, fresh: boolean, delayMs: number): Promise<void> {
    const changed = await touch(path, fresh ? clock.now() : undefined);
    if (changed === undefined) return;
    const age = Math.max(0, clock.now() - changed);
    timers.get(path)?.cancel();
    timers.set(
      path,
      clock.setTimer(Math.max(0, delayMs - age), () => {
        timers.delete(path);
        void remove(path);
      }),
    );
  }

  async function remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
      succeeded++;
      onRemoved(path);
      await removeEmptyParents(path, roots);
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
    get removals() {
      return { pending: timers.size, succeeded, failed };
    },
    stop() {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
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
