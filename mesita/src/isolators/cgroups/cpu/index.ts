import { availableParallelism } from 'node:os';
import { defineModule, param, type ResourceLimitMap } from '@mesita/sdk/module';
import type { Resources } from '@mesita/sdk/resources';
import type { ResourceStatistics } from '@mesita/sdk/types';
import {
  parseKeyed,
  readGroupFile,
  tryReadGroupFile,
  writeGroupFile,
} from '../../../linux/cgroups/groups.ts';
import { ticksPerSecond } from '../../../linux/proc.ts';
import { cgroupParameters } from '../define.ts';
import { createCgroupIsolator } from '../isolator.ts';
import { readStalls } from '../stalls.ts';
import type { Group } from '../subsystem.ts';

/** How much of a contended CPU one asked-for CPU is worth; less for revocable ones. */
const shares = { file: 'cpu.shares', normal: 1024, revocable: 10, least: 2 };
const weight = { file: 'cpu.weight', normal: 100, revocable: 1, least: 1 };
const periodUs = 100_000;
const leastQuotaUs = 1000;

/** CPU shares by what was asked for, and hard limits where they are wanted. */
export default defineModule({
  kind: 'Isolator',
  name: 'cgroups/cpu',
  description: 'CPU shares, CFS quota, CPU time and throttling',
  parameters: {
    ...cgroupParameters,
    cgroups_enable_cfs: param.bool({ default: false }),
    revocable_cpu_low_priority: param.bool({ default: true }),
    cgroups_cpu_enable_pids_and_tids_count: param.bool({ default: false }),
  },
  create: ({ log }, settings) => {
    const hasQuota = settings.cgroups_enable_cfs;
    const yields = settings.revocable_cpu_low_priority;

    /** What `update` was told, by container; told again after a restart by what the kernel holds. */
    const quotas = new Map<string, number>();
    const quotaOf = (group: Group): number => {
      const cpus = quotas.get(group.key) ?? readQuota(group);
      quotas.set(group.key, cpus);
      return cpus;
    };

    async function update(group: Group, requests: Resources, limits: ResourceLimitMap) {
      const cpus = requests.scalar('cpus');
      if (cpus === 0) throw new Error("Failed to update subsystem 'cpu': No cpus resource given");
      const scale = group.version === 1 ? shares : weight;
      const isRevocable = yields && requests.revocable().scalar('cpus') > 0;
      const perCpu = isRevocable ? scale.revocable : scale.normal;
      const amount = Math.max(Math.floor(perCpu * cpus), scale.least);
      await writeGroupFile(group.directory('cpu'), scale.file, String(amount));
      const limit = limits.cpus?.value ?? (hasQuota ? cpus : undefined);
      if (limit === undefined) return;
      await setQuota(group, limit);
      quotas.set(group.key, limit);
    }

    return createCgroupIsolator({
      name: 'cgroups/cpu',
      controllers: { v1: ['cpu', 'cpuacct'], v2: ['cpu'] },
      settings,
      log,
      subsystem: {
        create(rootOf, version) {
          const file = version === 1 ? 'cpu.cfs_quota_us' : 'cpu.stat';
          if (hasQuota && tryReadGroupFile(rootOf('cpu'), file) === undefined) {
            throw new Error(
              "Failed to find 'cpu.cfs_quota_us'. Your kernel might be too old to use the CFS quota feature",
            );
          }
        },
        update,
        usage: (group) => ({
          ...(group.version === 1 ? readUsage(group, hasQuota) : readUnifiedUsage(group)),
          ...(hasQuota && { cpusLimit: Math.min(quotaOf(group), availableParallelism()) }),
          ...(settings.cgroups_cpu_enable_pids_and_tids_count && countProcesses(group)),
        }),
        cleanup: (group) => void quotas.delete(group.key),
      },
    });
  },
});

/** An infinite limit lifts it. */
async function setQuota(group: Group, cpus: number): Promise<void> {
  const directory = group.directory('cpu');
  const isUnlimited = !Number.isFinite(cpus);
  const quotaUs = Math.max(Math.floor(cpus * periodUs), leastQuotaUs);
  if (group.version === 2) {
    await writeGroupFile(directory, 'cpu.max', `${isUnlimited ? 'max' : quotaUs} ${periodUs}`);
    return;
  }
  await writeGroupFile(directory, 'cpu.cfs_period_us', String(periodUs));
  await writeGroupFile(directory, 'cpu.cfs_quota_us', String(isUnlimited ? -1 : quotaUs));
}

function readQuota(group: Group): number {
  const directory = group.directory('cpu');
  const [quota, period] =
    group.version === 2
      ? readGroupFile(directory, 'cpu.max').split(' ')
      : [readGroupFile(directory, 'cpu.cfs_quota_us'), periodUs];
  const cpus = Number(quota) / Number(period);
  return cpus > 0 ? cpus : Number.POSITIVE_INFINITY;
}

function readUsage(group: Group, hasQuota: boolean): Partial<ResourceStatistics> {
  const times = parseKeyed(readGroupFile(group.directory('cpuacct'), 'cpuacct.stat'));
  const stat = hasQuota ? parseKeyed(readGroupFile(group.directory('cpu'), 'cpu.stat')) : undefined;
  return {
    cpusUserTimeSecs: (times.get('user') ?? 0) / ticksPerSecond,
    cpusSystemTimeSecs: (times.get('system') ?? 0) / ticksPerSecond,
    ...(stat && {
      cpusNrPeriods: stat.get('nr_periods'),
      cpusNrThrottled: stat.get('nr_throttled'),
      cpusThrottledTimeSecs: (stat.get('throttled_time') ?? 0) / 1e9,
    }),
  };
}

function readUnifiedUsage(group: Group): Partial<ResourceStatistics> {
  const stat = parseKeyed(readGroupFile(group.directory('cpu'), 'cpu.stat'));
  return {
    cpuStalls: readStalls(group, 'cpu'),
    cpusUserTimeSecs: (stat.get('user_usec') ?? 0) / 1e6,
    cpusSystemTimeSecs: (stat.get('system_usec') ?? 0) / 1e6,
    cpusNrPeriods: stat.get('nr_periods'),
    cpusNrThrottled: stat.get('nr_throttled'),
    cpusThrottledTimeSecs: (stat.get('throttled_usec') ?? 0) / 1e6,
  };
}

function countProcesses(group: Group): Partial<ResourceStatistics> {
  // On version 2 the processes are in the leaf.
  const directory =
    group.version === 1 ? group.directory('cpuacct') : `${group.directory('cpu')}/leaf`;
  const count = (file: string): number =>
    (tryReadGroupFile(directory, file) ?? '').split('\n').filter(Boolean).length;
  return {
    processes: count('cgroup.procs'),
    threads: count(group.version === 1 ? 'tasks' : 'cgroup.threads'),
  };
}
