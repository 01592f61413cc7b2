import { join } from 'node:path';
import type { Bytes } from '@mesita/sdk/base';
import { defineModule, param } from '@mesita/sdk/module';
import type { ContainerID, LinuxInfo } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerLaunchInfo } from '@mesita/sdk/types/containerizer';
import { clone, mount } from '../../../linux/constants.ts';
import { privateShm } from '../../filesystem/linux/root-mounts.ts';
import { hasIsolator, isRoot, need, surroundings } from '../../host-needs.ts';
import { agentShm, createSharedMemory } from './shared-memory.ts';

const megabyte = 1024 * 1024;

/** Semaphores, message queues and shared memory of each container's own, or of its parent's. */
export default defineModule({
  kind: 'Isolator',
  name: 'namespaces/ipc',
  description: 'An IPC namespace and /dev/shm for each container',
  parameters: {
    ...surroundings,
    disallow_sharing_agent_ipc_namespace: param.bool({ default: false }),
    default_container_shm_size: param.bytes(),
  },
  create: ({ runtimeDir }, flags) => {
    need(isRoot(), 'The IPC namespace isolator requires root permissions');
    need(
      flags.launcher === 'linux',
      "The 'linux' launcher must be used to enable the IPC namespace",
    );
    need(
      hasIsolator(flags.isolation, 'filesystem/linux'),
      "'filesystem/linux' must be used to enable IPC namespace",
    );
    const memory = createSharedMemory(runtimeDir);

    /** Nobody said anything: the namespace follows the parent, `/dev/shm` the root file system. */
    async function prepareDefault(
      id: ContainerID,
      { rootfs }: ContainerConfig,
    ): Promise<ContainerLaunchInfo> {
      if (rootfs !== undefined) await memory.markPrivate(id);
      return {
        ...(id.parent ? { enterNamespaces: [clone.NEWIPC] } : { cloneNamespaces: [clone.NEWIPC] }),
        ...(rootfs !== undefined && { mounts: [privateShm(join(rootfs, agentShm))] }),
      };
    }

    async function prepareShared(
      id: ContainerID,
      { rootfs }: ContainerConfig,
    ): Promise<ContainerLaunchInfo> {
      if (!id.parent && flags.disallow_sharing_agent_ipc_namespace) {
        throw new Error('Sharing agent IPC namespace with top-level container is not allowed');
      }
      const source = await memory.ofParent(id);
      const isThere = source === agentShm && rootfs === undefined;
      return {
        ...(id.parent && { enterNamespaces: [clone.NEWIPC] }),
        ...(!isThere && { mounts: [bindShm(source, rootfs)] }),
      };
    }

    return {
      supportsNesting: true,
      supportsStandalone: true,
      async prepare(id, config) {
        const { ipcMode, shmSize } = config.containerInfo?.linuxInfo ?? {};
        const size = chooseSize(ipcMode, shmSize, flags.default_container_shm_size);
        if (id.parent && config.containerClass === 'DEBUG') {
          if (ipcMode === 'PRIVATE') {
            throw new Error('Private IPC mode is not supported for DEBUG containers');
          }
          return { enterNamespaces: [clone.NEWIPC] };
        }
        switch (ipcMode) {
          case undefined:
            return prepareDefault(id, config);
          case 'SHARE_PARENT':
            return prepareShared(id, config);
          case 'PRIVATE': {
            const source = await memory.create(id, size);
            const mounts = [bindShm(source, config.rootfs)];
            return { cloneNamespaces: [clone.NEWIPC], mounts };
          }
          case 'UNKNOWN':
            throw new Error('Unknown IPC mode');
        }
      },
      cleanup: (id) => memory.remove(id),
    };
  },
});

function chooseSize(
  mode: LinuxInfo.IpcMode | undefined,
  megabytes: number | undefined,
  otherwise: Bytes | undefined,
): Bytes | undefined {
  if (megabytes === undefined) return otherwise;
  if (mode === 'PRIVATE') return megabytes * megabyte;
  throw new Error('Only support specifying the size of /dev/shm when the IPC mode is `PRIVATE`');
}

function bindShm(source: string, rootfs: string | undefined) {
  const target = rootfs === undefined ? agentShm : join(rootfs, agentShm);
  return { source, target, flags: mount.BIND };
}
