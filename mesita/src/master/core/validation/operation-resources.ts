import { Resources } from '@mesita/sdk/resources';
import type { ExecutorInfo, Offer, Resource, TaskInfo } from '@mesita/sdk/types';

/**
 * Whether an operation brings its part and whether the resources in it are resources, in any
 * format: before they are upgraded and anything else is asked of them.
 */
export function validateOperationResources(operation: Offer.Operation): string | undefined {
  switch (operation.type) {
    case 'RESERVE':
      return all('RESERVE', operation.reserve, ({ resources = [], source = [] }) => [
        ...resources,
        ...source,
      ]);
    case 'UNRESERVE':
      return all('UNRESERVE', operation.unreserve, ({ resources = [] }) => resources);
    case 'CREATE':
      return all('CREATE', operation.create, ({ volumes = [] }) => volumes);
    case 'DESTROY':
      return all('DESTROY', operation.destroy, ({ volumes = [] }) => volumes);
    case 'GROW_VOLUME':
      return all('GROW_VOLUME', operation.growVolume, ({ volume, addition }) => [volume, addition]);
    case 'SHRINK_VOLUME':
      return all('SHRINK_VOLUME', operation.shrinkVolume, ({ volume }) => [volume]);
    case 'LAUNCH':
      return all('LAUNCH', operation.launch, ({ taskInfos = [] }) => taskInfos.flatMap(ofTask));
    case 'LAUNCH_GROUP':
      return all('LAUNCH_GROUP', operation.launchGroup, ({ executor, taskGroup }) => [
        ...ofExecutor(executor),
        ...(taskGroup.tasks ?? []).flatMap(ofTask),
      ]);
    case 'CREATE_DISK':
      return all('CREATE_DISK', operation.createDisk, ({ source }) => [source]);
    case 'DESTROY_DISK':
      return all('DESTROY_DISK', operation.destroyDisk, ({ source }) => [source]);
    default:
      return 'Unknown offer operation';
  }
}

function ofTask({ resources = [], executor }: TaskInfo): Resource[] {
  return [...resources, ...ofExecutor(executor)];
}

function ofExecutor(executor: ExecutorInfo | undefined): readonly Resource[] {
  return executor?.resources ?? [];
}

function all<T>(
  type: string,
  part: T | undefined,
  resourcesOf: (part: T) => readonly Resource[],
): string | undefined {
  if (part !== undefined) return Resources.validate(resourcesOf(part));
  const article = type === 'UNRESERVE' ? 'An' : 'A';
  // Neither the noun nor the period is the same for the volume operations.
  const noun = type === 'GROW_VOLUME' ? 'operation' : 'offer operation';
  const end = type.endsWith('_VOLUME') ? '' : '.';
  return `${article} ${type} ${noun} must have the Offer.Operation.${type.toLowerCase()} field set${end}`;
}
