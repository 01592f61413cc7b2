import { writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { Clock } from '@mesita/sdk/base';
import { defineModule, param, type ResourceLimitMap } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { ContainerConfig, ContainerLimitation } from '@mesita/sdk/types/containerizer';
import { readGroupFile, tryReadGroupFile, writeGroupFile } from '../../../linux/cgroups/groups.ts';
import { cgroupParameters } from '../define.ts';
import { createCgroupIsolator } from '../isolator.ts';
import type { Group } from '../subsystem.ts';
import { countKills, explainKill } from './out-of-memory.ts';
import { memoryFiles, readMemoryUsage } from './usage.ts';

const megabyte = 1024 * 1024;
const leastBytes = 32 * megabyte;
const watchIntervalMs = 1000;

/** Soft limit: what was asked for. Hard limit: that, or what the task set beyond it. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/mem',
  description: 'Memory limits; out of memory ends the container with a report',
  parameters: { ...cgroupParameters, cgroups_limit_swap: param.bool({ default: false }) },
  create: ({ log, clock }, settings) => {
    const limitsSwap = settings.cgroups_limit_swap;
    return createCgroupIsolator({
      name: 'cgroups/mem',
      controllers: { v1: ['memory'], v2: ['memory'] },
      settings,
      log,
      subsystem: {
        create(rootOf, version) {
          if (!limitsSwap) return;
          if (version === 2) throw new Error('--cgroups_limit_swap is not supported on cgroups v2');
          if (tryReadGroupFile(rootOf('memory'), 'memory.memsw.limit_in_bytes') === undefined) {
            throw new Error("'memory.memsw.limit_in_bytes' is not available");
          }
        },
        update: (group, requests, limits) => setLimits(group, requests, limits, limitsSwap),
        isolate: adjustScore,
        usage: (group) => readMemoryUsage(group, limitsSwap),
        watch: (group, signal) => watchKills(group, signal, clock),
      },
    });
  },
});

async function setLimits(
  group: Group,
  requests: Resources,
  limits: ResourceLimitMap,
  limitsSwap: boolean,
): Promise<void> {
  const requested = requests.scalar('mem');
  if (requested === 0) {
    throw new Error("Failed to update subsystem 'memory': No memory resource given");
  }
  const directory = group.directory('memory');
  const files = memoryFiles[group.version];
  const soft = Math.max(Math.floor(requested * megabyte), leastBytes);
  await writeGroupFile(directory, files.soft, String(soft));
  const limit = limits.mem?.value ?? requested;
  const hard = Number.isFinite(limit)
    ? Math.max(Math.floor(limit) * megabyte, leastBytes, limits.mem ? 0 : soft)
    : Number.POSITIVE_INFINITY;
  // A limit below what is in use would kill now what was promised before: it only ever grows.
  if (group.isLimited && hard <= readLimit(directory, files.hard)) return;
  const text = Number.isFinite(hard) ? String(hard) : files.unlimited;
  const order = limitsSwap ? [files.hard, files.swap] : [files.hard];
  // Memory with swap may never be less than memory alone.
  for (const file of group.isLimited ? order.reverse() : order) {
    await writeGroupFile(directory, file, text);
  }
}

function readLimit(directory: string, file: string): number {
  const text = readGroupFile(directory, file);
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

/**
 * A task that may use more than it asked for is the first to die when the machine runs short: the
 * less it asked for, the sooner.
 */
async function adjustScore(
  group: Group,
  pid: number,
  config: ContainerConfig | undefined,
): Promise<void> {
  const directory = group.directory('memory');
  const files = memoryFiles[group.version];
  const soft = readLimit(directory, files.soft);
  const isBurstable = soft < readLimit(directory, files.hard);
  if (!isBurstable || !(config?.taskInfo || group.isNested)) return;
  const score = Math.min(Math.max(1000 - Math.floor((1000 * soft) / totalmem()), 2), 999);
  await writeFile(`/proc/${pid}/oom_score_adj`, String(score));
}

/** Looks again and again, and once more at the end: the kernel may have killed the process itself. */
function watchKills(group: Group, signal: AbortSignal, clock: Clock): Promise<ContainerLimitation> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (countKills(group) > 0) resolve(explainKill(group));
      else if (!signal.aborted) timer = clock.setTimer(watchIntervalMs, look);
    };
    let timer = clock.setTimer(watchIntervalMs, look);
    const lookOnceMore = (): void => {
      timer.cancel();
      look();
      reject(signal.reason);
    };
    signal.addEventListener('abort', lookOnceMore, { once: true });
  });
}
