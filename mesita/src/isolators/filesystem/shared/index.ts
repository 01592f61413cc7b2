import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { defineModule } from '@mesita/sdk/module';
import type { Volume } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import { clone, mount } from '../../../linux/constants.ts';
import { openInside } from '../../../linux/inside.ts';
import { isRoot, need, surroundings } from '../../host-needs.ts';

/** The old way to private views of the host's directories. `filesystem/linux` does more. */
export default defineModule({
  kind: 'Isolator',
  name: 'filesystem/shared',
  description: "Private views of the host's directories (deprecated)",
  parameters: surroundings,
  create: (_context, { launcher }) => {
    need(isRoot(), "The 'filesystem/shared' isolator requires root privileges");
    need(launcher === 'linux', "The 'filesystem/shared' isolator requires the 'linux' launcher");
    return {
      async prepare(_id, config) {
        const container = config.executorInfo?.container;
        if (!container) return undefined;
        if (container.type !== 'MESOS') {
          throw new Error('Can only prepare filesystem for a MESOS container');
        }
        const volumes = container.volumes ?? [];
        refuseOverlap([config.directory, ...volumes.map(({ containerPath }) => containerPath)]);
        const mounts = [];
        for (const volume of volumes) {
          const source = await findSource(volume, config);
          mounts.push({ source, target: volume.containerPath, flags: mount.BIND | mount.REC });
        }
        return { cloneNamespaces: [clone.NEWNS], mounts };
      },
    };
  },
});

/** One would hide what is mounted in the other. */
function refuseOverlap(paths: readonly string[]): void {
  for (const [place, path] of paths.entries()) {
    for (const earlier of paths.slice(0, place)) {
      const [inner, outer] = path.startsWith(earlier) ? [path, earlier] : [earlier, path];
      if (!inner.startsWith(outer)) continue;
      throw new Error(`Cannot mount volume to '${inner}' because it is under volume '${outer}'`);
    }
  }
}

/** A relative path is made in the sandbox, and looks like what it stands for. */
async function findSource(
  { containerPath, hostPath }: Volume,
  { directory }: ContainerConfig,
): Promise<string> {
  const volume = `Volume with container path '${containerPath}'`;
  if (!existsSync(containerPath)) {
    throw new Error(`${volume} must exist on host for shared filesystem isolator`);
  }
  if (hostPath === undefined) {
    throw new Error(`${volume} must specify host path for shared filesystem isolator`);
  }
  if (isAbsolute(hostPath)) {
    if (existsSync(hostPath)) return hostPath;
    throw new Error(
      `${volume} must have host path '${hostPath}' present on host for shared filesystem isolator`,
    );
  }
  const source = join(directory, hostPath);
  if (hostPath.split('/').some((each) => each === '.' || each === '..')) {
    throw new Error(`Relative host path '${source}' cannot contain relative components`);
  }
  const { uid, gid, mode } = await stat(containerPath);
  const made = await openInside(directory, hostPath.split('/').filter(Boolean));
  try {
    await made.chmod(mode & 0o7777);
    await made.chown(uid, gid);
  } finally {
    await made.close();
  }
  return source;
}
