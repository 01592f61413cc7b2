import type { Offer } from '@mesita/sdk/types';
import { validateCreateDisk, validateDestroyDisk } from './disk-operations.ts';
import type { OperationContext } from './operation-context.ts';
import { validateReserve, validateUnreserve } from './reservation-operations.ts';
import {
  validateCreate,
  validateDestroy,
  validateGrowVolume,
  validateShrinkVolume,
} from './volume-operations.ts';

/**
 * Why an operation on resources may not be done, after `validateOperationResources` let it pass and
 * its resources were upgraded. Launches have their own rules in `task.ts` and `task-group.ts`.
 */
export function validateOperation(
  operation: Offer.Operation,
  context: OperationContext,
): string | undefined {
  switch (operation.type) {
    case 'RESERVE':
      return validateReserve(operation.reserve ?? {}, context);
    case 'UNRESERVE':
      return validateUnreserve(operation.unreserve ?? {});
    case 'CREATE':
      return validateCreate(operation.create ?? {}, context);
    case 'DESTROY':
      return validateDestroy(operation.destroy ?? {}, context);
    case 'GROW_VOLUME':
      return operation.growVolume && validateGrowVolume(operation.growVolume, context);
    case 'SHRINK_VOLUME':
      return operation.shrinkVolume && validateShrinkVolume(operation.shrinkVolume, context);
    case 'CREATE_DISK':
      return operation.createDisk && validateCreateDisk(operation.createDisk);
    case 'DESTROY_DISK':
      return operation.destroyDisk && validateDestroyDisk(operation.destroyDisk);
    default:
      return undefined;
  }
}
