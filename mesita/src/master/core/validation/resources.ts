import {
  formatResource,
  isDynamicallyReserved,
  isPersistentVolume,
  isRevocable,
  isUnreserved,
  ResourceQuantities,
  Resources,
  reservationRole,
} from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { validateId } from '../../../wire/validation/ids.ts';

/** Rules for resources in requests, all in the `post` format. */
export function validateResources(resources: readonly Resource[]): string | undefined {
  const error = Resources.validate(resources);
  if (error !== undefined) return `Invalid resources: ${error}`;
  const gpus = Resources.of(resources).thousandths('gpus');
  if (gpus % 1000 !== 0)
    return "Invalid 'gpus' resource: The 'gpus' resource must be an unsigned integer";
  for (const resource of resources) {
    const diskError = validateDiskInfo(resource);
    if (diskError !== undefined) return `Invalid DiskInfo: ${diskError}`;
  }
  const revocable = resources.find(
    (resource) => isDynamicallyReserved(resource) && isRevocable(resource),
  );
  return revocable === undefined
    ? undefined
    : `Invalid ReservationInfo: Dynamically reserved resource ${formatResource(revocable)} cannot be created from revocable resources`;
}

function validateDiskInfo(resource: Resource): string | undefined {
  const { disk } = resource;
  if (disk === undefined) return undefined;
  if (disk.persistence === undefined) {
    if (disk.volume !== undefined) return 'Non-persistent volume not supported';
    return disk.source === undefined ? 'DiskInfo is set but empty' : undefined;
  }
  if (isRevocable(resource)) return 'Persistent volumes cannot be created from revocable resources';
  if (isUnreserved(resource))
    return 'Persistent volumes cannot be created from unreserved resources';
  if (disk.volume === undefined) return "Expecting 'volume' to be set for persistent volume";
  if (disk.volume.hostPath !== undefined)
    return "Expecting 'host_path' to be unset for persistent volume";
  const { id } = disk.persistence;
  const error = validateId(id);
  return error === undefined ? undefined : `Invalid persistence ID for persistent volume: ${error}`;
}

/** Persistence ids are unique per role on each agent. */
export function validateUniquePersistenceIds(resources: Resources): string | undefined {
  const seen = new Set<string>();
  for (const volume of resources.persistentVolumes()) {
    const id = volume.disk?.persistence?.id ?? '';
    const key = JSON.stringify([reservationRole(volume), id]);
    if (seen.has(key)) return `Persistence ID '${id}' is not unique`;
    seen.add(key);
  }
  return undefined;
}

export function validateRevocability(resources: Resources): string | undefined {
  for (const name of resources.names().sort()) {
    const named = resources.named(name);
    const revocable = named.revocable().length;
    if (revocable > 0 && revocable < named.length) {
      return `Cannot use both revocable and non-revocable '${name}' at the same time`;
    }
  }
  return undefined;
}

export function validateSingleAllocation(resources: Iterable<Resource>): string | undefined {
  let role: string | undefined;
  for (const { allocationInfo } of resources) {
    const next = allocationInfo?.role;
    if (next === undefined) return 'The resources are not allocated to a role';
    if (role !== undefined && next !== role) {
      return `The resources have multiple allocation roles ('${next}' and '${role}') but only one allocation role is allowed`;
    }
    role = next;
  }
  return undefined;
}

export function validatePersistentVolumes(volumes: Iterable<Resource>): string | undefined {
  for (const volume of volumes) {
    if (volume.disk === undefined)
      return `Resource ${formatResource(volume)} does not have DiskInfo`;
    if (!isPersistentVolume(volume)) return "'persistence' is not set in DiskInfo";
    if (volume.disk.volume === undefined)
      return "Expecting 'volume' to be set for persistent volume";
    if (volume.disk.volume.mode === 'RO') return 'Read-only persistent volume not supported';
  }
  return undefined;
}

export function validateSingleProvider(resources: readonly Resource[]): string | undefined {
  const providers = new Set(resources.map(({ providerId }) => providerId?.value));
  if (providers.size === 1) return undefined;
  if (providers.has(undefined)) return 'Some resources have a resource provider and some do not';
  return `The resources have multiple resource providers: ${[...providers].join(', ')}`;
}

/** Whether the same port or the same element of a set is used more than once. */
export function areOverlapping(parts: readonly Resources[]): boolean {
  const apart = parts.reduce((sum, part) => sum.add(part.quantities()), ResourceQuantities.empty);
  return !apart.equals(Resources.sum(parts).quantities());
}
