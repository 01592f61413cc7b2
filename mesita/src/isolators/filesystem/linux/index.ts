import { mkdir } from 'node:fs/promises';
import { defineModule, param } from '@mesita/sdk/module';
import type { ContainerID, ContainerInfo } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerLaunchInfo } from '@mesita/sdk/types/containerizer';
import { clone } from '../../../linux/constants.ts';
import { shareMount } from '../../../linux/mounts.ts';
import { keyOf } from '../../container-key.ts';
import { hasIsolator, isRoot, need, surroundings } from '../../host-needs.ts';
import { createRoot } from './root-mounts.ts';
import { createVolumeMounts } from './volume-mounts.ts';

/** A mount namespace for each container, with a root file system of its own where it has one. */
export default defineModule({
  kind: 'Isolator',
  name: 'filesystem/linux',
  description: 'A mount namespace, the root file system, persistent volumes as mounts',
  parameters: {
    ...surroundings,
    sandbox_directory: param.string({ default: '/mnt/mesos/sandbox' }),
  },
  async create(
    { workDir, runtimeDir },
    { launcher, isolation, sandbox_directory: sandboxDirectory },
  ) {
    need(isRoot(), "'filesystem/linux' isolator requires root privileges");
    need(launcher === 'linux', "'filesystem/linux' isolator requires 'linux' launcher");
    const volumes = createVolumeMounts(workDir, runtimeDir);
    let shared: Promise<void> | undefined;
    /** Not before the agent is sure to run: a start that is refused leaves nothing behind. */
    const share = (): Promise<void> => {
      shared ??= shareDirectories(workDir, runtimeDir);
      return shared;
    };
    /** Whose processes are the host's to see: the kernel's secrets are not masked for them. */
    const privileged = new Map<string, boolean>();

    function remember(id: ContainerID, info: ContainerInfo | undefined): boolean {
      const shares = info?.linuxInfo?.sharePidNamespace ?? false;
      const isPrivileged = shares && (!id.parent || privileged.get(keyOf(id.parent)) === true);
      privileged.set(keyOf(id), isPrivileged);
      return isPrivileged;
    }

    return {
      supportsNesting: true,
      supportsStandalone: true,
      async recover(states) {
        await share();
        const parentsFirst = states.toSorted((one, other) => depthOf(one) - depthOf(other));
        for (const { containerId, containerInfo, executorInfo } of parentsFirst) {
          remember(containerId, containerInfo ?? executorInfo?.container);
        }
        const roots = states.filter(({ containerId }) => !containerId.parent);
        await volumes.recover(
          new Map(roots.map(({ containerId, directory }) => [containerId, directory])),
        );
      },
      async prepare(id, config) {
        if (id.parent && config.containerClass === 'DEBUG') return joinParent(config);
        refuseUnsupported(id, config);
        await share();
        const isPrivileged = remember(id, config.containerInfo);
        if (!id.parent) {
          volumes.remember(id, config.directory);
          await volumes.update(id, config.resources ?? []);
        }
        const root =
          config.rootfs &&
          createRoot(config.rootfs, {
            sandbox: config.directory,
            sandboxDirectory,
            hasShm: !hasIsolator(isolation, 'namespaces/ipc'),
            isMasked: !isPrivileged,
          });
        return { cloneNamespaces: [clone.NEWNS], ...root };
      },
      async update(id, requests) {
        if (!id.parent) await volumes.update(id, requests.toMessages());
      },
      async cleanup(id) {
        privileged.delete(keyOf(id));
        if (!id.parent) await volumes.forget(id);
      },
    };
  },
});

async function shareDirectories(workDir: string, runtimeDir: string): Promise<void> {
  for (const path of [workDir, runtimeDir]) await mkdir(path, { recursive: true });
  await shareMount(workDir);
}

function depthOf({ containerId }: { readonly containerId: ContainerID }): number {
  return containerId.parent ? 1 + depthOf({ containerId: containerId.parent }) : 0;
}

/** A DEBUG container looks at its parent's world: it brings nothing of its own. */
function joinParent({ rootfs, containerInfo }: ContainerConfig): ContainerLaunchInfo {
  if (rootfs !== undefined) throw new Error("A 'rootfs' cannot be set for DEBUG containers");
  if (containerInfo?.volumes?.length) {
    throw new Error('Volumes not supported for DEBUG containers');
  }
  return { enterNamespaces: [clone.NEWNS] };
}

function refuseUnsupported(id: ContainerID, config: ContainerConfig): void {
  const isStandalone = !id.parent && !config.executorInfo && !config.taskInfo;
  if (isStandalone && config.resources?.some(({ disk }) => disk?.persistence)) {
    throw new Error('Persistent volumes are not supported for standalone containers');
  }
}
