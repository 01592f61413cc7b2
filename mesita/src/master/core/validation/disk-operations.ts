import {
  formatResource,
  hasResourceProvider,
  isDisk,
  isPersistentVolume,
} from '@mesita/sdk/resources';
import type { Offer, Resource } from '@mesita/sdk/types';
import { validateResources } from './resources.ts';

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
