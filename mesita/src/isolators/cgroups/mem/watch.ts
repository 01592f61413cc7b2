import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerLimitation } from '@mesita/sdk/types/containerizer';
import type { CgroupCompanion } from '../../../linux/cgroups/companion.ts';
import type { Group } from '../subsystem.ts';
import { countKills, explainKill } from './out-of-memory.ts';

interface WatchTools {
  readonly clock: Clock;
  /** On version 1. */
  readonly companion: CgroupCompanion | undefined;
  readonly log: Logger;
}

/** The kernel tells that memory ran out before it has chosen whom to kill, and counted that. */
const settlingMs = [0, 5, 20, 100, 500];

/**
 * Resolves when the kernel killed a process for want of memory. It tells so; what it did not tell
 * in time is looked for when the container ends, for that may be why.
 */
export function watchKills(
  group: Group,
  signal: AbortSignal,
  { clock, companion, log }: WatchTools,
): Promise<ContainerLimitation> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (countKills(group) > 0) resolve(explainKill(group));
    };
    const lookUntilSettled = (): void => {
      for (const delayMs of settlingMs) clock.setTimer(delayMs, () => signal.aborted || look());
    };
    const listening = listen(group, companion, lookUntilSettled).catch((error: Error) => {
      // A container may end before anybody listens.
      if (signal.aborted) return () => {};
      log.warn('out of memory is seen at the end only', {
        cgroup: group.key,
        error: error.message,
      });
      return () => {};
    });
    // Then it may have happened while nobody listened.
    if (group.isRecovered) void listening.then(look);
    const endWatch = (): void => {
      void listening.then((stop) => stop());
      look();
      reject(signal.reason);
    };
    if (signal.aborted) endWatch();
    else signal.addEventListener('abort', endWatch, { once: true });
  });
}

/** Answers how to stop. */
async function listen(
  group: Group,
  companion: CgroupCompanion | undefined,
  onEvent: () => void,
): Promise<() => void> {
  const directory = group.directory('memory');
  if (group.version === 1) {
    if (!companion) throw new Error('the launcher was not compiled');
    return companion.watch({ directory, file: 'memory.oom_control', level: '' }, onEvent);
  }
  const watcher = watch(join(directory, 'memory.events'), { persistent: false }, onEvent);
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
}
