import type { Resource, Volume } from '../types/mesos.ts';
import { labelsKey } from './labels.ts';

type DiskInfo = Resource.DiskInfo;
type Source = Resource.DiskInfo.Source;

export function isDisk(resource: Resource, type?: Source['type']): boolean {
  return type === undefined ? resource.name === 'disk' : resource.disk?.source?.type === type;
}

export function isPersistentVolume(resource: Resource): boolean {
  return resource.disk?.persistence !== undefined;
}

/**
 * Whether it can only be given whole: a mount, a block device, an identified raw disk, a volume.
 * Such resources are never summed, and only subtracted from what is exactly equal.
 */
export function isIndivisible({ disk }: Resource): boolean {
  if (disk === undefined) return false;
  if (disk.persistence !== undefined) return true;
  const type = disk.source?.type;
  return type === 'MOUNT' || type === 'BLOCK' || (type === 'RAW' && disk.source?.id !== undefined);
}

/** What makes two disks the same one. Who created a volume and where it is mounted do not count. */
export function diskKey({ source, persistence }: DiskInfo): unknown {
  return [source === undefined ? null : sourceKey(source), persistence?.id ?? null];
}

function sourceKey({ type, path, mount, id, metadata, profile, vendor }: Source): unknown {
  const root = (place: { readonly root?: string | undefined } | undefined) =>
    place === undefined ? null : [place.root ?? null];
  return [
    type,
    root(path),
    root(mount),
    id ?? null,
    labelsKey(metadata) ?? null,
    profile ?? null,
    vendor ?? null,
  ];
}

export function validateDisk(resource: Resource): string | undefined {
  if (resource.disk === undefined) return undefined;
  if (resource.name !== 'disk') return `DiskInfo should not be set for ${resource.name} resource`;
  const source = resource.disk.source;
  if (source === undefined) return undefined;
  if (source.type === 'UNKNOWN') return "Unsupported 'DiskInfo.Source.Type' in 'UNKNOWN'";
  if (source.type === 'BLOCK' || source.type === 'RAW') {
    if (source.mount !== undefined) return `Mount should not be set for ${source.type} disk source`;
    if (source.path !== undefined) return `Path should not be set for ${source.type} disk source`;
  }
  return undefined;
}

/** `MOUNT:/m1`, `RAW(vendor,id,profile)`, `v1:data`, `PATH:/p,v1:data`. */
export function formatDisk({ source, persistence, volume }: DiskInfo): string {
  const parts: string[] = [];
  if (source !== undefined) parts.push(formatSource(source));
  if (persistence !== undefined) parts.push(persistence.id);
  return parts.join(',') + (volume === undefined ? '' : `:${formatVolume(volume)}`);
}

function formatSource({ type, path, mount, id, profile, vendor }: Source): string {
  const identity =
    id === undefined && profile === undefined
      ? ''
      : `(${vendor ?? ''},${id ?? ''},${profile ?? ''})`;
  const place = type === 'PATH' ? path : type === 'MOUNT' ? mount : undefined;
  return type + identity + (place?.root === undefined ? '' : `:${place.root}`);
}

/**
 * Where an agent keeps a persistent volume: a directory of its work directory, or of the disk the
 * volume was made on. Undefined for what is no volume, and for ids that could name another place.
 * A mount is its volume as a whole.
 */
export function persistentVolumePath(workDir: string, volume: Resource): string | undefined {
  const { source, persistence } = volume.disk ?? {};
  if (persistence === undefined) return undefined;
  if (source?.type === 'MOUNT') return below(workDir, source.mount?.root);
  if (source !== undefined && source.type !== 'PATH') return undefined;
  const { id } = persistence;
  if (id === '' || id === '.' || id === '..' || id.includes('/')) return undefined;
  const base = source === undefined ? workDir : below(workDir, source.path?.root);
  // A role may hold slashes, a directory name may not; no role holds a space.
  const role = (volume.reservations?.at(-1)?.role ?? '*').replaceAll('/', ' ');
  return base === undefined ? undefined : `${base}/volumes/roles/${role}/${id}`;
}

function below(workDir: string, root: string | undefined): string | undefined {
  return root === undefined || root.startsWith('/') ? root : `${workDir}/${root}`;
}

function formatVolume({ containerPath, hostPath, mode }: Volume): string {
  if (hostPath === undefined) return containerPath;
  return `${hostPath}:${containerPath}${mode === undefined ? '' : `:${mode.toLowerCase()}`}`;
}
