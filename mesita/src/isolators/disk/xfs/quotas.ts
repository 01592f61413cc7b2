import type { Bytes } from '@mesita/sdk/base';
import {
  assignProject,
  findQuotaMount,
  readProjectIds,
  readProjectQuotas,
  setProjectLimits,
} from '../../../linux/project-quota.ts';
import type { Disk } from './disks.ts';
import type { ProjectIds } from './project-ids.ts';
import { sharedWhileRunning } from './shared-while-running.ts';

export interface LimitedDisk extends Disk {
  readonly project: number;
  readonly mount: string;
}

interface QuotaSettings {
  readonly ids: ProjectIds;
  readonly enforce_container_disk_quota: boolean;
  /** How much further than the quota the file system lets a container go. */
  readonly headroom: Bytes;
}

/** Directories as projects, with limits that the file system keeps. */
interface Quotas {
  /** Found in use after a restart. */
  occupy(directories: readonly string[]): Promise<void>;
  /** The directory's project, a new one when it has none. */
  projectOf(directory: string): Promise<number>;
  limit(disk: Disk): Promise<LimitedDisk>;
  usedBytes(disk: LimitedDisk): Promise<number>;
  /** Frees the numbers of directories that are gone. */
  reclaim(workDir: string): Promise<void>;
}

export function createQuotas(settings: QuotaSettings): Quotas {
  const { ids } = settings;
  const readQuotas = sharedWhileRunning(readProjectQuotas);

  /** By directory: to ask the file system costs a process. */
  const projects = new Map<string, number>();

  async function projectOf(directory: string): Promise<number> {
    const known = projects.get(directory) ?? (await readProjectIds([directory])).get(directory);
    const project = known || ids.take();
    ids.occupy(project, directory);
    if (!known) await assignProject(directory, project);
    projects.set(directory, project);
    return project;
  }

  return {
    async occupy(directories) {
      for (const [directory, project] of await readProjectIds(directories)) {
        if (project) ids.occupy(project, directory);
      }
    },
    projectOf,
    async limit(disk) {
      const mount = await findQuotaMount(disk.directory);
      const project = await projectOf(disk.directory);
      const limits = settings.enforce_container_disk_quota
        ? { soft: disk.quota, hard: disk.quota + settings.headroom }
        : { soft: 0, hard: 0 };
      await setProjectLimits(mount, project, limits);
      return { ...disk, project, mount };
    },
    usedBytes: async ({ mount, project }) => (await readQuotas(mount)).get(project)?.used ?? 0,
    async reclaim(workDir) {
      const mount = await findQuotaMount(workDir);
      for (const { id, directories } of ids.reclaim()) {
        for (const directory of directories) projects.delete(directory);
        await setProjectLimits(mount, id, { soft: 0, hard: 0 });
      }
    },
  };
}
