import type { Resource } from '../types/mesos.ts';
import { isPersistentVolume, validateDisk } from './disk.ts';
import { isUnreserved, reservationRole, validateReservations } from './reservations.ts';
import { isInRoleSubtree } from './roles.ts';
import { toThousandths } from './value-scalar.ts';

export function isRevocable(resource: Resource): boolean {
  return resource.revocable !== undefined;
}

export function isShared(resource: Resource): boolean {
  return resource.shared !== undefined;
}

export function hasResourceProvider(resource: Resource): boolean {
  return resource.providerId !== undefined;
}

/** Unreserved, or reserved to the role itself or to an ancestor of it. */
export function isAllocatableTo(resource: Resource, role: string): boolean {
  return isUnreserved(resource) || isInRoleSubtree(role, reservationRole(resource));
}

export function isReservedToRoleSubtree(resource: Resource, role: string): boolean {
  return isInRoleSubtree(reservationRole(resource), role);
}

export function isAllocatedToRoleSubtree(resource: Resource, role: string): boolean {
  return (
    resource.allocationInfo?.role !== undefined &&
    isInRoleSubtree(resource.allocationInfo.role, role)
  );
}

/** The reason why a message (in any format) is not a resource, in Mesos' words. */
export function validateResource(resource: Resource): string | undefined {
  if (resource.name === '') return 'Empty resource name';
  return (
    validateAmount(resource) ??
    validateDisk(resource) ??
    validateReservations(resource) ??
    validateShared(resource)
  );
}

function validateAmount({ type, scalar, ranges, set }: Resource): string | undefined {
  switch (type) {
    case 'SCALAR':
      if (scalar === undefined || ranges !== undefined || set !== undefined)
        return 'Invalid scalar resource';
      if (scalar.value !== 0 && !isPositive(scalar.value))
        return 'Invalid scalar resource: value <= 0';
      return undefined;
    case 'RANGES':
      if (scalar !== undefined || ranges === undefined || set !== undefined)
        return 'Invalid ranges resource';
      return validateRanges((ranges.range ?? []).map(({ begin, end }) => [begin, end]));
    case 'SET': {
      if (scalar !== undefined || ranges !== undefined || set === undefined)
        return 'Invalid set resource';
      const items = set.item ?? [];
      return new Set(items).size < items.length
        ? 'Invalid set resource: duplicated elements'
        : undefined;
    }
    default:
      return 'Unsupported resource type';
  }
}

// Not a number and infinity are no amounts either.
function isPositive(value: number): boolean {
  return toThousandths(value) > 0 && value < Number.POSITIVE_INFINITY;
}

function validateRanges(pairs: [number, number][]): string | undefined {
  if (pairs.some(([begin, end]) => !(begin <= end))) return 'Invalid ranges resource: begin > end';
  pairs.sort((a, b) => a[0] - b[0]);
  const overlaps = pairs.some(
    ([begin], index) => index > 0 && begin <= (pairs[index - 1]?.[1] as number),
  );
  return overlaps ? 'Invalid ranges resource: overlapping ranges' : undefined;
}

function validateShared(resource: Resource): string | undefined {
  if (resource.shared === undefined) return undefined;
  if (resource.name !== 'disk') return `Resource ${resource.name} cannot be shared`;
  return isPersistentVolume(resource) ? undefined : 'Only persistent volumes can be shared';
}
