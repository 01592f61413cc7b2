import { writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { ResourceLimitMap } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { readGroupFile, writeGroupFile } from '../../../linux/cgroups/groups.ts';
import type { Group } from '../subsystem.ts';
import { memoryFiles } from './usage.ts';

const megabyte = 1024 * 1024;
const leastBytes = 32 * megabyte;

interface LimitOptions {
  /** `--cgroups_limit_swap` */
  readonly limitsSwap: boolean;
  /** `--cgroups_memory_high` */
  readonly high: number | undefined;
}

export async function setLimits(
  group: Group,
  requests: Resources,
  limits: ResourceLimitMap,
  options: LimitOptions,
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
  if (group.version === 1) await setOld(group, hard, options);
  else await setUnified(group, hard, options);
}

async function setOld(group: Group, hard: number, { limitsSwap }: LimitOptions): Promise<void> {
  const { hard: memory, swap, unlimited } = memoryFiles[1];
  const order = limitsSwap ? [memory, swap] : [memory];
  // Memory with swap may never be less than memory alone.
  for (const file of group.isLimited ? order.reverse() : order) {
    await writeGroupFile(group.directory('memory'), file, limitText(hard, unlimited));
  }
}

/** Here swap is counted apart: with none of it, memory and swap together keep the limit, too. */
async function setUnified(
  group: Group,
  hard: number,
  { limitsSwap, high }: LimitOptions,
): Promise<void> {
  const directory = group.directory('memory');
  const { hard: memory, swap, high: throttle, unlimited } = memoryFiles[2];
  if (limitsSwap) await writeGroupFile(directory, swap, '0');
  if (high !== undefined) {
    const bytes = Math.floor(hard * high);
    await writeGroupFile(directory, throttle, limitText(bytes, unlimited));
  }
  await writeGroupFile(directory, memory, limitText(hard, unlimited));
}

function limitText(bytes: number, unlimited: string): string {
  return Number.isFinite(bytes) ? String(bytes) : unlimited;
}

function readLimit(directory: string, file: string): number {
  const text = readGroupFile(directory, file);
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

/**
 * A task that may use more than it asked for is the first to die when the machine runs short: the
 * less it asked for, the sooner.
 */
export async function adjustScore(
  group: Group,
  pid: number,
  config: ContainerConfig | undefined,
): Promise<void> {
  // Without a limit of its own it cannot use more than it asked for.
  if (config?.limits?.mem === undefined || !(config.taskInfo || group.isNested)) return;
  const directory = group.directory('memory');
  const files = memoryFiles[group.version];
  const soft = readLimit(directory, files.soft);
  if (soft >= readLimit(directory, files.hard)) return;
  const score = Math.min(Math.max(1000 - Math.floor((1000 * soft) / totalmem()), 2), 999);
  await writeFile(`/proc/${pid}/oom_score_adj`, String(score));
}
