import {
  commonReservations,
  formatResource,
  isDynamicallyReserved,
  isPersistentVolume,
  Resources,
  reservationRole,
} from '@mesita/sdk/resources';
import type { Offer, Resource } from '@mesita/sdk/types';
import { firstError, prefixed } from './first-error.ts';
import { type OperationContext, validateAgentUnderstands } from './operation-context.ts';
import {
  validateResources,
  validateSingleAllocation,
  validateSingleProvider,
} from './resources.ts';

export function validateReserve(
  reserve: Offer.Operation.Reserve,
  context: OperationContext,
): string | undefined {
  const { resources = [], source = [] } = reserve;
  const error =
    prefixed('Invalid resources', validateResources(resources)) ??
    prefixed('Invalid source', validateResources(source)) ??
    (source.length > 0 ? validateSource(source, resources) : undefined) ??
    prefixed('Invalid resources', validateSingleProvider(resources)) ??
    firstError(resources, (resource) => validateReservation(resource, context));
  if (error !== undefined || context.framework === undefined) return error;
  return prefixed('Invalid reservation resources', validateSingleAllocation(resources));
}

function validateSource(
  source: readonly Resource[],
  target: readonly Resource[],
): string | undefined {
  const mixed =
    prefixed('Invalid source', validateUniform(source)) ??
    prefixed('Invalid resources', validateUniform(target));
  if (mixed !== undefined) return mixed;
  const [from, to] = [Resources.of(source).toUnreserved(), Resources.of(target).toUnreserved()];
  if (from.equals(to)) return undefined;
  return `Source and target resources should refer to identical resource quantities: ${from} vs. ${to}`;
}

function validateUniform(resources: readonly Resource[]): string | undefined {
  const [head] = resources;
  if (head === undefined) return 'Resource cannot be empty';
  const depth = head.reservations?.length ?? 0;
  const isUniform = resources.every(
    (resource) =>
      (resource.reservations?.length ?? 0) === depth &&
      commonReservations(resource, head) === depth,
  );
  return isUniform ? undefined : `Mixed reservations are not supported${Resources.of(resources)}`;
}

function validateReservation(resource: Resource, context: OperationContext): string | undefined {
  if (!isDynamicallyReserved(resource))
    return `Resource ${formatResource(resource)} is not dynamically reserved`;
  return (
    validateAgentUnderstands(resource, context, 'Resource', 'reserved') ??
    validateReservationPrincipal(resource, context) ??
    validateReservationRole(resource, context)
  );
}

function validateReservationPrincipal(
  resource: Resource,
  { principal }: OperationContext,
): string | undefined {
  const reserver = resource.reservations?.[resource.reservations.length - 1]?.principal;
  if (principal === undefined || principal === reserver) return undefined;
  return reserver === undefined
    ? `A reserve operation was attempted by principal '${principal}', but there is a reserved resource in the request with no principal set`
    : `A reserve operation was attempted by authenticated principal '${principal}', which does not match a reserved resource in the request with principal '${reserver}'`;
}

function validateReservationRole(
  resource: Resource,
  { framework, roles }: OperationContext,
): string | undefined {
  const allocated = resource.allocationInfo?.role;
  if (framework === undefined) {
    return resource.allocationInfo === undefined
      ? undefined
      : 'A reserve operation was attempted with an allocated resource, but the operator API only allows reservations to be made to unallocated resources';
  }
  if (allocated === undefined) {
    return `A reserve operation was attempted on unallocated resource ${formatResource(resource)}, but frameworks can only perform reservations on allocated resources`;
  }
  const reserved = reservationRole(resource);
  if (allocated !== reserved) {
    return `A reserve operation was attempted for a resource with role '${reserved}', but the resource was allocated to role '${allocated}'`;
  }
  if (roles?.has(allocated)) return undefined;
  return `A reserve operation was attempted for a resource allocated to role '${allocated}', but the framework only has roles '{ ${[...(roles ?? [])].join(', ')} }'`;
}

export function validateUnreserve({
  resources = [],
}: Offer.Operation.Unreserve): string | undefined {
  return (
    prefixed('Invalid resources', validateResources(resources)) ??
    prefixed('Invalid resources', validateSingleProvider(resources)) ??
    firstError(resources, (resource) => {
      if (!isDynamicallyReserved(resource))
        return `Resource ${formatResource(resource)} is not dynamically reserved`;
      if (!isPersistentVolume(resource)) return undefined;
      return `A dynamically reserved persistent volume ${formatResource(resource)} cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource`;
    })
  );
}
