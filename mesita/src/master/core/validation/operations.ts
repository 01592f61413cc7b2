import {
  commonReservations,
  formatResource,
  hasRefinedReservations,
  hasResourceProvider,
  isDisk,
  isDynamicallyReserved,
  isPersistentVolume,
  isShared,
  Resources,
  reservationRole,
  toThousandths,
  validateResource,
  withoutVolume,
} from '@mesita/sdk/resources';
import type { AgentInfo, FrameworkInfo, Offer, Resource } from '@mesita/sdk/types';
import {
  validatePersistentVolumes,
  validateResources,
  validateSingleAllocation,
  validateSingleProvider,
  validateUniquePersistenceIds,
} from './resources.ts';

/** Who asks, and of which agent. All resources are in the `post` format. */
export interface OperationContext {
  /** Whom the caller proved to be. */
  readonly principal?: string | undefined;
  /** Absent when an operator asks. */
  readonly framework?: FrameworkInfo | undefined;
  /** Of that framework. */
  readonly roles?: ReadonlySet<string> | undefined;
  readonly agentCapabilities: ReadonlySet<AgentInfo.Capability.Type>;
  /** Reservations and volumes the agent has now. */
  readonly checkpointed: Resources;
  /** What tasks and executors use or are about to, one entry per framework. */
  readonly used: Iterable<Resources>;
}

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
    first(resources, (resource) => validateReservation(resource, context));
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

function validateAgentUnderstands(
  resource: Resource,
  { agentCapabilities }: OperationContext,
  what: string,
  verb: string,
): string | undefined {
  const role = reservationRole(resource);
  if (!agentCapabilities.has('HIERARCHICAL_ROLE') && role.includes('/')) {
    return `${what} ${formatResource(resource)} with reservation for hierarchical role '${role}' cannot be ${verb} on an agent without HIERARCHICAL_ROLE capability`;
  }
  if (!agentCapabilities.has('RESERVATION_REFINEMENT') && hasRefinedReservations(resource)) {
    return `${what} ${formatResource(resource)} with reservation refinement cannot be ${verb} on an agent without RESERVATION_REFINEMENT capability`;
  }
  return undefined;
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
    first(resources, (resource) => {
      if (!isDynamicallyReserved(resource))
        return `Resource ${formatResource(resource)} is not dynamically reserved`;
      if (!isPersistentVolume(resource)) return undefined;
      return `A dynamically reserved persistent volume ${formatResource(resource)} cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource`;
    })
  );
}

export function validateCreate(
  { volumes = [] }: Offer.Operation.Create,
  context: OperationContext,
): string | undefined {
  const error =
    prefixed('Invalid resources', validateResources(volumes)) ??
    prefixed('Invalid resources', validateSingleProvider(volumes)) ??
    prefixed('Not a persistent volume', validatePersistentVolumes(volumes)) ??
    validateUniquePersistenceIds(context.checkpointed.add(Resources.of(volumes))) ??
    first(volumes, (volume) => validateVolume(volume, context));
  if (error !== undefined || context.framework === undefined) return error;
  return prefixed('Invalid volume resources', validateSingleAllocation(volumes));
}

function validateVolume(volume: Resource, context: OperationContext): string | undefined {
  const { framework, principal } = context;
  const canShare = framework?.capabilities?.some(({ type }) => type === 'SHARED_RESOURCES');
  if (framework !== undefined && isShared(volume) && !canShare) {
    return `Create volume operation for '${formatResource(volume)}' has been attempted by framework '${framework.id?.value ?? ''}' with no SHARED_RESOURCES capability`;
  }
  const error = validateAgentUnderstands(volume, context, 'Volume', 'created');
  const creator = volume.disk?.persistence?.principal;
  if (error !== undefined || principal === undefined || principal === creator) return error;
  return creator === undefined
    ? `Create volume operation attempted by principal '${principal}', but there is a volume in the operation with no principal set in 'disk.persistence'`
    : `Create volume operation attempted by authenticated principal '${principal}', which does not match a volume in the operation with principal '${creator}' set in 'disk.persistence'`;
}

export function validateDestroy(
  destroy: Offer.Operation.Destroy,
  context: OperationContext,
): string | undefined {
  const volumes = Resources.of(destroy.volumes ?? []).unallocate();
  const messages = [...volumes];
  const error =
    prefixed('Invalid resources', validateResources(messages)) ??
    prefixed('Invalid resources', validateSingleProvider(messages)) ??
    prefixed('Not a persistent volume', validatePersistentVolumes(messages));
  if (error !== undefined) return error;
  if (
    messages.some(
      (volume) =>
        !hasResourceProvider(volume) && !context.checkpointed.contains(Resources.of([volume])),
    )
  ) {
    return 'Persistent volumes not found';
  }
  for (const used of context.used) {
    const unallocated = used.unallocate();
    if (messages.some((volume) => unallocated.contains(Resources.of([volume]))))
      return 'Persistent volumes in use';
  }
  return undefined;
}

export function validateGrowVolume(
  { volume, addition }: Offer.Operation.GrowVolume,
  { agentCapabilities }: OperationContext,
): string | undefined {
  const error =
    prefixed("Invalid resource in the 'GrowVolume.volume' field", validateResource(volume)) ??
    prefixed("Invalid resource in the 'GrowVolume.addition' field", validateResource(addition));
  if (error !== undefined) return error;
  if (toThousandths(addition.scalar?.value ?? 0) <= 0) {
    return "The size of 'GrowVolume.addition' field must be greater than zero";
  }
  if (hasResourceProvider(volume))
    return 'Growing a volume from a resource provider is not supported';
  const invalid = validatePersistentVolumes([volume]);
  if (invalid !== undefined)
    return `Invalid persistent volume in the 'GrowVolume.volume' field: ${invalid}`;
  if (isShared(volume)) return 'Growing a shared persistent volume is not supported';
  if (Resources.of([withoutVolume(volume), addition]).length !== 1) {
    return "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields";
  }
  if (agentCapabilities.has('RESIZE_VOLUME')) return undefined;
  return `Volume ${formatResource(volume)} cannot be grown on an agent without RESIZE_VOLUME capability`;
}

export function validateShrinkVolume(
  { volume, subtract }: Offer.Operation.ShrinkVolume,
  { agentCapabilities }: OperationContext,
): string | undefined {
  const error = prefixed(
    "Invalid resource in the 'ShrinkVolume.volume' field",
    validateResource(volume),
  );
  if (error !== undefined) return error;
  const less = toThousandths(subtract.value);
  if (!(less > 0)) return "Value of 'ShrinkVolume.subtract' must be greater than zero";
  if (toThousandths(volume.scalar?.value ?? 0) <= less) {
    return "Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'";
  }
  if (hasResourceProvider(volume))
    return 'Shrinking a volume from a resource provider is not supported';
  if (isDisk(volume, 'MOUNT')) return 'Shrinking a volume on a MOUNT disk is not supported';
  const invalid = validatePersistentVolumes([volume]);
  if (invalid !== undefined)
    return `Invalid persistent volume in the 'ShrinkVolume.volume' field: ${invalid}`;
  if (isShared(volume)) return 'Shrinking a shared persistent volume is not supported';
  if (agentCapabilities.has('RESIZE_VOLUME')) return undefined;
  return `Volume ${formatResource(volume)} cannot be shrunk on an agent without RESIZE_VOLUME capability`;
}

export function validateCreateDisk(operation: Offer.Operation.CreateDisk): string | undefined {
  const { source, targetType, targetProfile } = operation;
  const error = validateDiskSource(source);
  if (error !== undefined) return error;
  if (!isDisk(source, 'RAW')) return "'source' is not a RAW disk resource";
  if (targetType !== 'MOUNT' && targetType !== 'BLOCK')
    return "'target_type' is neither MOUNT or BLOCK";
  const hasProfile = source.disk?.source?.profile !== undefined;
  if (hasProfile !== (targetProfile !== undefined)) return undefined;
  return hasProfile
    ? "'target_profile' must not be set when 'source' has a profile"
    : "'target_profile' must be set when 'source' has no profile";
}

export function validateDestroyDisk({ source }: Offer.Operation.DestroyDisk): string | undefined {
  const error = validateDiskSource(source);
  if (error !== undefined) return error;
  if (!isDisk(source, 'MOUNT') && !isDisk(source, 'BLOCK') && !isDisk(source, 'RAW')) {
    return "'source' is neither a MOUNT, BLOCK or RAW disk resource";
  }
  if (source.disk?.source?.id === undefined) return "'source' is not backed by a CSI volume";
  if (!isPersistentVolume(source)) return undefined;
  return `A disk resource containing a persistent volume ${formatResource(source)} cannot be destroyed directly. Please destroy the persistent volume first then destroy the disk resource`;
}

function validateDiskSource(source: Resource): string | undefined {
  const error = validateResources([source]);
  if (error !== undefined) return `Invalid resource: ${error}`;
  return hasResourceProvider(source) ? undefined : "'source' is not managed by a resource provider";
}

function prefixed(prefix: string, error: string | undefined): string | undefined {
  return error === undefined ? undefined : `${prefix}: ${error}`;
}

function first<T>(
  list: readonly T[],
  validate: (element: T) => string | undefined,
): string | undefined {
  for (const element of list) {
    const error = validate(element);
    if (error !== undefined) return error;
  }
  return undefined;
}
