import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '@mesita/sdk/base';
import type { ContainerID } from '@mesita/sdk/types';
import { readMounts } from '../../../linux/mount-table.ts';
import { mountTmpfs, unmount } from '../../../linux/mounts.ts';
import { lineageOf } from '../../container-key.ts';

/** `/dev/shm` of containers. Where a nested one may share it, it is mounted on the host. */
interface SharedMemory {
  /** Makes one and answers where on the host it is. */
  create(id: ContainerID, size: Bytes | undefined): Promise<string>;
  /** The container has one that nobody else can be given. */
  markPrivate(id: ContainerID): Promise<void>;
  /** The nearest of those above the container; the agent's own when none of them has one. */
  ofParent(id: ContainerID): Promise<string>;
  remove(id: ContainerID): Promise<void>;
}

export const agentShm = '/dev/shm';

export function createSharedMemory(runtimeDir: string): SharedMemory {
  const pathOf = (id: ContainerID): string =>
    join(runtimeDir, ...lineageOf(id).flatMap((value) => ['containers', value]), 'shm');

  return {
    async create(id, size) {
      const path = pathOf(id);
      await mkdir(path, { recursive: true });
      const limit = size === undefined ? '' : `,size=${size}`;
      await mountTmpfs(path, `nosuid,nodev,strictatime,mode=1777${limit}`);
      return path;
    },
    async markPrivate(id) {
      await mkdir(pathOf(id), { recursive: true });
    },
    async ofParent(id) {
      for (let parent = id.parent; parent; parent = parent.parent) {
        const path = pathOf(parent);
        if (!existsSync(path)) continue;
        if ((await readMounts()).some(({ target }) => target === path)) return path;
        throw new Error(
          "Failed to get parent shared memory path: the parent's /dev/shm is its own; its IPC mode must be PRIVATE to be shared",
        );
      }
      return agentShm;
    },
    async remove(id) {
      await unmount(pathOf(id));
    },
  };
}
