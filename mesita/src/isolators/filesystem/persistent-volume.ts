import { isAbsolute, normalize } from 'node:path';
import { persistentVolumePath } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';

export interface PersistentVolume {
  /** Where the agent keeps it. */
  readonly source: string;
  /** Where the container wants it, in its sandbox. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** The persistent volumes among resources, by their paths in the sandbox. */
export function readPersistentVolumes(
  workDir: string,
  resources: readonly Resource[],
): Map<string, PersistentVolume> {
  const volumes = new Map<string, PersistentVolume>();
  for (const resource of resources) {
    const { containerPath, mode } = resource.disk?.volume ?? {};
    const source = persistentVolumePath(workDir, resource);
    if (!containerPath || !source) continue;
    const path = safePath(containerPath);
    volumes.set(path, { source, path, readOnly: mode === 'RO' });
  }
  return volumes;
}

/** Volumes appear in the sandbox and nowhere else. */
function safePath(path: string): string {
  const normal = normalize(path);
  if (isAbsolute(normal)) {
    throw new Error(`Container path '${path}' of a persistent volume must be relative`);
  }
  if (normal === '.' || normal.split('/').includes('..')) {
    throw new Error(`Container path '${path}' leads out of the sandbox`);
  }
  return normal;
}
