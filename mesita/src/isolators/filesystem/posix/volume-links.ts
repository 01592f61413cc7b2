import { isAbsolute, normalize } from 'node:path';
import type { Logger } from '@mesita/sdk/base';
import { persistentVolumePath } from '@mesita/sdk/resources';
import type { ContainerID, Resource } from '@mesita/sdk/types';
import { linkInside, unlinkInside } from '../../../linux/inside.ts';

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
      const wanted = new Map(
        resources.flatMap((resource) => {
          const path = resource.disk?.volume?.containerPath;
          const source = persistentVolumePath(workDir, resource);
          return path && source ? [[safePath(path), source] as const] : [];
        }),
      );
      for (const [path, source] of sandbox.links) {
        if (wanted.get(path) === source) continue;
        await unlinkInside(sandbox.directory, path).catch((error: unknown) => {
          log.warn('cannot remove the link of a volume', { path, error });
        });
        sandbox.links.delete(path);
      }
      for (const [path, source] of wanted) {
        await linkInside(sandbox.directory, path, source);
        sandbox.links.set(path, source);
      }
    },
  };
}

/** Links are made in the sandbox and nowhere else. */
function safePath(path: string): string {
  const normal = normalize(path);
  if (isAbsolute(normal)) {
    throw new Error(`Container path '${path}' must be relative for the host's file system`);
  }
  if (normal === '.' || normal.split('/').includes('..')) {
    throw new Error(`Container path '${path}' leads out of the sandbox`);
  }
  return normal;
}
