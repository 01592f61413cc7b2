import {
  formatResource,
  hasResourceProvider,
  isDisk,
  isShared,
  Resources,
  toThousandths,
  validateResource,
  withoutVolume,
} from '@mesita/sdk/resources';
import type { Offer, Resource } from '@mesita/sdk/types';
import { firstError, prefixed } from './first-error.ts';
import { type OperationContext, validateAgentUnderstands } from './operation-context.ts';
import {
  validatePersistentVolumes,
  validateResources,
  validateSingleAllocation,
  validateSingleProvider,
  validateUniquePersistenceIds,
} from './resources.ts';

export function validateCreate(
  { volumes = [] }: Offer.Operation.Create,
  context: OperationContext,
): string | undefined {
  const error =
    prefixed('Invalid resources', validateResources(volumes)) ??
    prefixed('Invalid resources', validateSingleProvider(volumes)) ??
    prefixed('Not a persistent volume', validatePersistentVolumes(volumes)) ??
    validateUniquePersistenceIds(context.checkpointed.add(Resources.of(volumes))) ??
    firstError(volumes, (volume) => validateVolume(volume, context));
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
