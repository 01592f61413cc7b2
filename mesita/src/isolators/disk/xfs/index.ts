import { defineModule, param } from '@mesita/sdk/module';
import type { ContainerID, Resource } from '@mesita/sdk/types';
import { findQuotaMount } from '../../../linux/project-quota.ts';
import { type Breach, createBreach } from '../../breach.ts';
import { isRoot, need } from '../../host-needs.ts';
import { repeatEvery } from '../../repeat.ts';
import { readDisks } from './disks.ts';
import { createProjectIds } from './project-ids.ts';
import { createQuotas, type LimitedDisk } from './quotas.ts';
import { listProjectDirectories } from './sandboxes.ts';
import { describeUsage, explainExcess } from './telling.ts';

interface Watched extends Breach {
  readonly sandbox: string;
  /** By directory. */
  readonly disks: Map<string, LimitedDisk>;
}

/** Quotas of sandboxes and persistent volumes that the file system itself keeps. */
export default defineModule({
  kind: 'Isolator',
  name: 'disk/xfs',
  description: 'Disk quotas by XFS projects',
  parameters: {
    container_disk_watch_interval: param.duration({ default: '15secs' }),
    disk_watch_interval: param.duration({ default: '1mins' }),
    enforce_container_disk_quota: param.bool({ default: false }),
    xfs_kill_containers: param.bool({ default: false }),
    xfs_project_range: param.string({ default: '[5000-10000]' }),
    xfs_quota_headroom: param.bytes({ default: '10MB' }),
  },
  async create(context, flags) {
    const { workDir } = context;
    need(isRoot(), 'The XFS disk isolator requires running as root.');
    await findQuotaMount(workDir);
    // Who is ended at the quota may go beyond it, until that is noticed.
    const kills = flags.enforce_container_disk_quota && flags.xfs_kill_containers;
    const ids = createProjectIds(flags.xfs_project_range);
    const quotas = createQuotas({ ...flags, ids, headroom: kills ? flags.xfs_quota_headroom : 0 });
    context.metrics.gauge('project_ids_total', () => ids.total);
    context.metrics.gauge('project_ids_free', () => ids.free());
    const containers = new Map<string, Watched>();

    function remember(id: ContainerID, sandbox: string): Watched {
      const watched = { sandbox, disks: new Map(), ...createBreach() };
      containers.set(id.value, watched);
      return watched;
    }

    async function limit({ sandbox, disks }: Watched, resources: readonly Resource[]) {
      for (const disk of readDisks(workDir, sandbox, resources)) {
        disks.set(disk.directory, await quotas.limit(disk));
      }
    }

    async function check({ disks, tell }: Watched): Promise<void> {
      for (const disk of disks.values()) {
        const used = await quotas.usedBytes(disk);
        if (used > disk.quota) tell(explainExcess(disk, used));
      }
    }

    repeatEvery(context, flags.disk_watch_interval, () => quotas.reclaim(workDir));
    if (kills) {
      repeatEvery(context, flags.container_disk_watch_interval, async () => {
        for (const watched of containers.values()) await check(watched);
      });
    }
    return {
      supportsStandalone: true,
      async recover(states) {
        for (const { containerId, directory } of states) remember(containerId, directory);
        await quotas.occupy(await listProjectDirectories(workDir));
      },
      async prepare(id, { directory, resources }) {
        // Without a quota, too: what is used is told.
        await quotas.projectOf(directory);
        await limit(remember(id, directory), resources ?? []);
        return undefined;
      },
      watch: (id, signal) => (containers.get(id.value) ?? createBreach()).watch(signal),
      async update(id, requests) {
        const watched = containers.get(id.value);
        if (watched) await limit(watched, requests.toMessages());
      },
      async usage(id) {
        const disks = [...(containers.get(id.value)?.disks.values() ?? [])];
        const parts = disks.map(async (disk) => ({ disk, used: await quotas.usedBytes(disk) }));
        return describeUsage(await Promise.all(parts));
      },
      async cleanup(id) {
        containers.delete(id.value);
      },
    };
  },
});
