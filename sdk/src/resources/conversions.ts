import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Offer, Resource } from '../types/mesos.ts';
import { toPostRefinement } from './reservations.ts';
import { hasResourceProvider } from './resource.ts';
import { fromThousandths, toThousandths } from './value-scalar.ts';

export interface MessageConversion {
  readonly consumed: readonly Resource[];
  readonly converted: readonly Resource[];
}

/** What each offer operation takes and gives, as messages. Disk operations of a provider are its own to convert. */
export function conversionsOf(operation: Offer.Operation): Result<MessageConversion[]> {
  switch (operation.type) {
    case 'LAUNCH':
    case 'LAUNCH_GROUP':
      return ok([]);
    case 'RESERVE':
      return reserve(operation.reserve ?? {});
    case 'UNRESERVE':
      return unreserve(operation.unreserve?.resources ?? []);
    case 'CREATE':
      return ok(
        (operation.create?.volumes ?? []).map((volume) => ({
          consumed: [withoutVolume(volume)],
          converted: [volume],
        })),
      );
    case 'DESTROY':
      return ok(
        (operation.destroy?.volumes ?? []).map((volume) => ({
          consumed: [volume],
          converted: [withoutVolume(volume)],
        })),
      );
    case 'GROW_VOLUME':
      return operation.growVolume === undefined ? unknown() : growVolume(operation.growVolume);
    case 'SHRINK_VOLUME':
      return operation.shrinkVolume === undefined
        ? unknown()
        : shrinkVolume(operation.shrinkVolume);
    case 'CREATE_DISK':
      return err('CREATE_DISK is converted by the resource provider');
    case 'DESTROY_DISK':
      return err('DESTROY_DISK is converted by the resource provider');
    default:
      return unknown();
  }
}

function unknown(): Result<MessageConversion[]> {
  return err('Unknown operation type');
}

function reserve({
  resources = [],
  source = [],
}: Offer.Operation.Reserve): Result<MessageConversion[]> {
  if (source.length === 0) {
    return popAll(resources, (reserved, popped) => ({ consumed: [popped], converted: [reserved] }));
  }
  if (!haveSameAmounts(source, resources))
    return err('Source and target of the reservation differ in quantity');
  return ok([{ consumed: source, converted: resources }]);
}

function unreserve(resources: readonly Resource[]): Result<MessageConversion[]> {
  return popAll(resources, (reserved, popped) => ({ consumed: [reserved], converted: [popped] }));
}

function popAll(
  resources: readonly Resource[],
  convert: (reserved: Resource, popped: Resource) => MessageConversion,
): Result<MessageConversion[]> {
  const conversions: MessageConversion[] = [];
  for (const resource of resources) {
    const { reservations = [], ...rest } = toPostRefinement(resource);
    if (reservations.length === 0) return err(`Resource '${resource.name}' is not reserved`);
    const popped =
      reservations.length === 1 ? rest : { ...rest, reservations: reservations.slice(0, -1) };
    conversions.push(convert(resource, popped));
  }
  return ok(conversions);
}

function haveSameAmounts(a: readonly Resource[], b: readonly Resource[]): boolean {
  const amounts = (resources: readonly Resource[]) => {
    const sums = new Map<string, number>();
    for (const { name, scalar } of resources) {
      if (scalar !== undefined) sums.set(name, (sums.get(name) ?? 0) + toThousandths(scalar.value));
    }
    return JSON.stringify([...sums].sort(([one], [other]) => (one < other ? -1 : 1)));
  };
  return amounts(a) === amounts(b);
}

/** The disk under a volume: only volumes can be shared, so the disk is not. */
export function withoutVolume({ disk, shared, ...rest }: Resource): Resource {
  return disk?.source === undefined ? rest : { ...rest, disk: { source: disk.source } };
}

const PROVIDER = 'Operation not supported for resource provider';

function growVolume({ volume, addition }: Offer.Operation.GrowVolume): Result<MessageConversion[]> {
  if (hasResourceProvider(volume)) return err(PROVIDER);
  const grown = withAmount(volume, amountOf(volume) + amountOf(addition));
  return ok([{ consumed: [volume, addition], converted: [grown] }]);
}

function shrinkVolume({
  volume,
  subtract,
}: Offer.Operation.ShrinkVolume): Result<MessageConversion[]> {
  if (hasResourceProvider(volume)) return err(PROVIDER);
  const amount = toThousandths(subtract.value);
  const freed = withAmount(withoutVolume(volume), amount);
  return ok([
    { consumed: [volume], converted: [withAmount(volume, amountOf(volume) - amount), freed] },
  ]);
}

function amountOf(resource: Resource): number {
  return toThousandths(resource.scalar?.value ?? 0);
}

function withAmount(resource: Resource, thousandths: number): Resource {
  return { ...resource, scalar: { value: fromThousandths(thousandths) } };
}
