import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerID } from '@mesita/sdk/types';
import { type FifoWatch, watchFifo } from '../../linux/fifo.ts';
import { killSession } from '../../linux/kill-session.ts';
import type { Forked, Forker } from '../../linux/launcher/forker.ts';
import type { Launcher } from './launcher.ts';
import { containerKey, runtimePath } from './paths.ts';
import { identify, isSame, type Processes, readProcesses, writeProcesses } from './processes.ts';

interface Entry extends Processes {
  readonly directory: string;
  readonly alive: FifoWatch;
  /** The compiled supervisor ends its whole tree when told; a script only records the end. */
  readonly canEndTree: boolean;
}

export interface SupervisedLauncherOptions {
  readonly runtimeDir: string;
  readonly forker: Forker;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a supervisor may take to end its tree before it is done from here. */
  readonly destroyTimeoutMs?: number;
}

/**
 * Processes with a supervisor each: what every kind of launcher is built on. It knows sessions and
 * process groups, and limits nothing.
 */
export function createSupervisedLauncher(
  options: SupervisedLauncherOptions,
): Omit<Launcher, 'name'> {
  const { runtimeDir, forker, log } = options;
  const entries = new Map<string, Entry>();

  async function take(directory: string, forked: Forked): Promise<Entry> {
    const leader = identify(forked.pid);
    const supervisor = identify(forked.supervisor);
    const alive = await watchFifo(join(directory, 'alive'));
    const canEndTree = !existsSync(join(directory, 'supervise'));
    return { directory, leader, supervisor, alive, canEndTree };
  }

  async function recoverOne(id: ContainerID, pid: number): Promise<void> {
    const directory = runtimePath(runtimeDir, id);
    const { leader, supervisor } = readProcesses(directory, pid);
    const alive = await watchFifo(join(directory, 'alive'));
    // The last agent died before it let the process go; it waits for a word that never comes.
    if (existsSync(join(directory, 'release'))) await killSession(leader);
    const canEndTree = !existsSync(join(directory, 'supervise'));
    entries.set(containerKey(id), { directory, leader, supervisor, alive, canEndTree });
  }

  async function destroyEntry(key: string, entry: Entry): Promise<void> {
    if (entry.canEndTree && isSame(entry.supervisor)) {
      sendSignal(entry.supervisor.pid, 'SIGTERM');
      const timedOut = await withTimeout(options.clock, entry.alive.end, options.destroyTimeoutMs);
      if (!timedOut) return;
      log.warn('supervisor did not end its container in time', { containerId: key });
    }
    await killSession(entry.leader);
    // Its child is gone, so a supervisor writes the status and ends.
    if (!(await withTimeout(options.clock, entry.alive.end, 5000))) return;
    if (isSame(entry.supervisor)) sendSignal(entry.supervisor.pid, 'SIGKILL');
  }

  return {
    async recover(states) {
      const pids = new Set<number>();
      for (const { pid, containerId } of states) {
        if (pid === 0) continue;
        if (pids.has(pid)) {
          throw new Error(
            `Detected duplicate pid ${pid} for container ${containerKey(containerId)}`,
          );
        }
        pids.add(pid);
      }
      // One after the other: there may be thousands, and the loop has other work.
      for (const { containerId, pid } of states) await recoverOne(containerId, pid);
      return [];
    },
    async fork(id, spec) {
      const forked = await forker.fork(spec);
      const entry = await take(spec.directory, forked);
      entries.set(containerKey(id), entry);
      writeProcesses(entry.directory, entry);
      return forked.pid;
    },
    async release(id) {
      const entry = entries.get(containerKey(id));
      if (!entry) throw new Error('The container has no process');
      const forked = { pid: entry.leader.pid, supervisor: entry.supervisor.pid };
      await forker.release(forked, entry.directory);
    },
    ended: async (id) => entries.get(containerKey(id))?.alive.byte,
    async kill(id, signal) {
      const entry = entries.get(containerKey(id));
      if (!entry || !isSame(entry.leader)) return false;
      // Just after the fork it may not lead its group yet.
      return sendSignal(-entry.leader.pid, signal) || sendSignal(entry.leader.pid, signal);
    },
    async destroy(id) {
      const key = containerKey(id);
      const entry = entries.get(key);
      if (!entry) return;
      await destroyEntry(key, entry);
      entry.alive.close();
      entries.delete(key);
    },
    status(id) {
      const pid = entries.get(containerKey(id))?.leader.pid;
      return pid ? { executorPid: pid } : {};
    },
    async close() {
      for (const { alive } of entries.values()) alive.close();
      await forker.close();
    },
  };
}

function sendSignal(pid: number, signal: number | NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** True when the time was up first. */
function withTimeout(clock: Clock, work: Promise<void>, timeoutMs = 60_000): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(timeoutMs, () => resolve(true));
    void work.then(() => {
      timer.cancel();
      resolve(false);
    });
  });
}
