import { stat } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { defineModule, param } from '@mesita/sdk/module';
import type { ContainerID, Volume } from '@mesita/sdk/types';
import type { ContainerConfig, ContainerMountInfo } from '@mesita/sdk/types/containerizer';
import { linkInside, makeDirectoryInside } from '../../../linux/inside.ts';
import { hasIsolator, surroundings } from '../../host-needs.ts';
import { createSandboxes, type Sandbox } from '../../sandboxes.ts';
import { mountVolume, volumesOf } from '../place.ts';

type SandboxPath = Volume.Source.SandboxPath;

/** What lies in a sandbox elsewhere in the container, or what is in the parent's sandbox. */
export default defineModule({
  kind: 'Isolator',
  name: 'volume/sandbox_path',
  description: "Volumes of the container's or its parent's sandbox",
  parameters: {
    ...surroundings,
    sandbox_directory: param.string({ default: '/mnt/mesos/sandbox' }),
  },
  create: ({ log }, { launcher, isolation, sandbox_directory: sandboxDirectory }) => {
    const canMount = launcher === 'linux' && hasIsolator(isolation, 'filesystem/linux');
    const sandboxes = createSandboxes();

    /** The sandbox in which the volume lies. */
    function find(id: ContainerID, { containerPath }: Volume, { type }: SandboxPath): Sandbox {
      if (type !== 'SELF' && type !== 'PARENT') {
        throw new Error('Unknown SANDBOX_PATH volume type');
      }
      if (type === 'SELF' && !isAbsolute(containerPath)) {
        throw new Error("'container_path' is relative for SANDBOX_PATH volume SELF type");
      }
      const owner = type === 'SELF' ? id : id.parent;
      if (!owner)
        throw new Error('SANDBOX_PATH volume PARENT type only works for nested container');
      const sandbox = sandboxes.find(owner);
      if (!sandbox) throw new Error('Failed to locate the sandbox for the parent container');
      return sandbox;
    }

    async function link(id: ContainerID, { containerPath, mode }: Volume, source: string) {
      const own = sandboxes.find(id);
      if (!own) return;
      if (mode === 'RO') log.warn('a volume that is a link can be written to', { source });
      await linkInside(own.root, join(own.path, containerPath), source);
    }

    return {
      supportsNesting: true,
      supportsStandalone: true,
      async recover(states) {
        for (const { containerId, directory } of states) sandboxes.remember(containerId, directory);
      },
      async prepare(id, config) {
        sandboxes.remember(id, config.directory);
        const volumes = (volumesOf(config) ?? []).flatMap((volume) => {
          const wanted = sandboxPathOf(volume);
          return wanted ? [{ volume, wanted }] : [];
        });
        const mounts: ContainerMountInfo[] = [];
        for (const { volume, wanted } of volumes) {
          checkSupport(config, volume, canMount);
          const { root, path } = find(id, volume, wanted);
          const place = join(path, safePath(wanted.path));
          await makeSource(root, place);
          const source = join(root, place);
          if (canMount) mounts.push(mountVolume(source, volume, config, sandboxDirectory));
          else await link(id, volume, source);
        }
        return mounts.length > 0 ? { mounts } : undefined;
      },
      async cleanup(id) {
        sandboxes.forget(id);
      },
    };
  },
});

/** The old way of naming it says so by being relative. */
function sandboxPathOf({ hostPath, source }: Volume): SandboxPath | undefined {
  if (source?.type === 'SANDBOX_PATH') return source.sandboxPath;
  if (hostPath === undefined || isAbsolute(hostPath)) return undefined;
  return { type: 'SELF', path: hostPath };
}

function checkSupport(config: ContainerConfig, volume: Volume, canMount: boolean): void {
  if (config.containerClass === 'DEBUG') {
    throw new Error('SANDBOX_PATH volume is not supported for DEBUG containers');
  }
  if (canMount) return;
  const needed = "The 'linux' launcher and 'filesystem/linux' isolator must be enabled to";
  if (config.rootfs !== undefined) throw new Error(`${needed} change the rootfs and bind mount`);
  if (isAbsolute(volume.containerPath)) {
    throw new Error(`${needed} support SANDBOX_PATH volume with absolute container path`);
  }
}

function safePath(path: string): string {
  if (isAbsolute(path)) throw new Error(`Path '${path}' in SANDBOX_PATH volume is absolute`);
  const normal = normalize(path);
  if (!normal.split('/').includes('..')) return normal;
  throw new Error(`Path '${path}' in SANDBOX_PATH volume leads out of the sandbox`);
}

/** A directory of the sandbox's owner, unless something is there already. */
async function makeSource(root: string, path: string): Promise<void> {
  const { uid, gid } = await stat(root);
  await makeDirectoryInside(root, path, { uid, gid }).catch((error: NodeJS.ErrnoException) => {
    // A file or a link: the launcher opens it inside of the sandbox, or refuses it.
    if (error.code !== 'ENOTDIR' && error.code !== 'ELOOP') throw error;
  });
}
