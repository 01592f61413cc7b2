import type { Logger } from '@mesita/sdk/base';
import type { ContainerID, Resource } from '@mesita/sdk/types';
import { linkInside, unlinkInside } from '../../../linux/inside.ts';
import { readPersistentVolumes } from '../persistent-volume.ts';

interface Sandbox {
  readonly directory: string;
  /** Path in the sandbox → the volume it leads to. */
  readonly links: Map<string, string>;
}

interface VolumeLinks {
  remember(id: ContainerID, directory: string): void;
  forget(id: ContainerID): void;
  /** Makes the links of new volumes, takes away those of volumes that are gone. */
  update(id: ContainerID, resources: readonly Resource[]): Promise<void>;
}

export function createVolumeLinks(workDir: string, log: Logger): VolumeLinks {
  const sandboxes = new Map<string, Sandbox>();
  return {
    remember(id, directory) {
      sandboxes.set(id.value, { directory, links: new Map() });
    },
    forget: (id) => void sandboxes.delete(id.value),
    async update(id, resources) {
      const sandbox = sandboxes.get(id.value);
      if (!sandbox) return;
      const wanted = readPersistentVolumes(workDir, resources);
      for (const [path, source] of sandbox.links) {
        if (wanted.get(path)?.source === source) continue;
        await unlinkInside(sandbox.directory, path).catch((error: unknown) => {
          log.warn('cannot remove the link of a volume', { path, error });
        });
        sandbox.links.delete(path);
      }
      for (const [path, { source }] of wanted) {
        await linkInside(sandbox.directory, path, source);
        sandbox.links.set(path, source);
      }
    },
  };
}
