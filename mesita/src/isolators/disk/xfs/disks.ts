import { persistentVolumePath } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';

const megabyte = 1024 * 1024;

/** A directory with a quota: the sandbox, or a persistent volume. */
export interface Disk {
  readonly directory: string;
  /** In bytes. */
  readonly quota: number;
  /** Undefined for the sandbox. */
  readonly volume?: Resource['disk'];
}

/** Volumes that are a mount of their own have all of it. */
export function readDisks(
  workDir: string,
  sandbox: string,
  resources: readonly Resource[],
): Disk[] {
  const disks = resources.filter(({ name }) => name === 'disk');
  const plain = disks.filter(({ disk }) => !disk);
  const volumes = disks.flatMap((resource): Disk[] => {
    const directory = persistentVolumePath(workDir, resource);
    if (directory === undefined || resource.disk?.source?.type === 'MOUNT') return [];
    return [{ directory, quota: bytesOf(resource), volume: resource.disk }];
  });
  if (plain.length === 0) return volumes;
  const quota = plain.reduce((sum, resource) => sum + bytesOf(resource), 0);
  return [{ directory: sandbox, quota }, ...volumes];
}

function bytesOf({ scalar }: Resource): number {
  return Math.round((scalar?.value ?? 0) * megabyte);
}
