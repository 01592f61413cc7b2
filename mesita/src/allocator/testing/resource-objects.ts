import { unwrap } from '@mesita/sdk/base';
import type { Item } from '@mesita/sdk/resources';
import { Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import type { ResourceObject, ResourcesInput } from './scenario.ts';

/** The objects of a scenario as resources. */
export function toResources(input: ResourcesInput | undefined): Resources {
  if (input === undefined) return Resources.empty;
  if (typeof input === 'string') return unwrap(Resources.parse(input));
  const messages = input.flatMap((object) =>
    Array<Resource>(object.shared ?? 1).fill(toMessage(object)),
  );
  return Resources.of(messages);
}

export function toMessage(object: ResourceObject): Resource {
  const {
    name,
    scalar,
    ranges,
    set,
    reservations,
    disk,
    revocable,
    shared,
    provider_id,
    allocation_role,
  } = object;
  return {
    name,
    type: scalar !== undefined ? 'SCALAR' : ranges !== undefined ? 'RANGES' : 'SET',
    ...(scalar !== undefined && { scalar: { value: Number(scalar) } }),
    ...(ranges && { ranges: { range: ranges.map(([begin, end]) => ({ begin, end })) } }),
    ...(set && { set: { item: set } }),
    ...(reservations && { reservations: reservations.map(toReservation) }),
    ...(disk && { disk: toDisk(disk) }),
    ...(revocable && { revocable: {} }),
    ...(shared !== undefined && { shared: {} }),
    ...(provider_id !== undefined && { providerId: { value: provider_id } }),
    ...(allocation_role !== undefined && { allocationInfo: { role: allocation_role } }),
  };
}

type ReservationObject = NonNullable<ResourceObject['reservations']>[number];

function toReservation({ labels, ...rest }: ReservationObject): Resource.ReservationInfo {
  return labels === undefined ? rest : { ...rest, labels: { labels } };
}

function toDisk({
  source,
  persistence,
  volume,
}: NonNullable<ResourceObject['disk']>): Resource.DiskInfo {
  return {
    ...(source && { source: toSource(source) }),
    ...(persistence && { persistence }),
    ...(volume && { volume: { containerPath: volume.container_path, mode: volume.mode } }),
  };
}

type SourceObject = NonNullable<NonNullable<ResourceObject['disk']>['source']>;

function toSource({ type, root, ...rest }: SourceObject): Resource.DiskInfo.Source {
  if (root === undefined) return { type, ...rest };
  return { type, ...rest, ...(type === 'MOUNT' ? { mount: { root } } : { path: { root } }) };
}

/** Resources as the scenarios write them: objects in the order of their texts. */
export function toObjects(resources: Resources): ResourceObject[] {
  const texts = resources.items.map((item) => JSON.stringify(toObject(item)));
  return texts.sort().map((text) => JSON.parse(text));
}

function toObject(item: Item): ResourceObject {
  const { name, reservations = [], disk, revocable, providerId, allocationInfo } = item.of.template;
  return {
    name,
    ...(item.type === 'SCALAR' && { scalar: (item.value / 1000).toFixed(3) }),
    ...(item.type === 'RANGES' && { ranges: pairs(item.value) }),
    ...(item.type === 'SET' && { set: [...item.value].sort() }),
    ...(reservations.length > 0 && {
      reservations: reservations.map(({ type, role = '', principal, labels }) => ({
        type: type as 'STATIC' | 'DYNAMIC',
        role,
        ...(principal !== undefined && { principal }),
        ...(labels !== undefined && { labels: fromLabels(labels) }),
      })),
    }),
    ...(disk && { disk: fromDisk(disk) }),
    ...(revocable && { revocable: true }),
    ...(item.of.isShared && { shared: item.copies }),
    ...(providerId && { provider_id: providerId.value }),
    ...(allocationInfo?.role !== undefined && { allocation_role: allocationInfo.role }),
  };
}

type LabelObjects = NonNullable<ReservationObject['labels']>;

function fromLabels({
  labels = [],
}: NonNullable<Resource.ReservationInfo['labels']>): LabelObjects {
  return labels.map(({ key, value }) => ({ key, ...(value !== undefined && { value }) }));
}

function pairs(flat: readonly number[]): [number, number][] {
  const result: [number, number][] = [];
  for (let i = 0; i < flat.length; i += 2) result.push([flat[i] as number, flat[i + 1] as number]);
  return result.sort((a, b) => a[0] - b[0]);
}

function fromDisk({
  source,
  persistence,
  volume,
}: Resource.DiskInfo): NonNullable<ResourceObject['disk']> {
  const root = source?.mount?.root ?? source?.path?.root;
  return {
    ...(source && {
      source: {
        type: source.type as SourceObject['type'],
        ...(root !== undefined && { root }),
        ...(source.vendor !== undefined && { vendor: source.vendor }),
        ...(source.id !== undefined && { id: source.id }),
        ...(source.profile !== undefined && { profile: source.profile }),
      },
    }),
    ...(persistence && {
      persistence: {
        id: persistence.id,
        ...(persistence.principal !== undefined && { principal: persistence.principal }),
      },
    }),
    ...(volume && {
      volume: { container_path: volume.containerPath, mode: volume.mode as 'RW' | 'RO' },
    }),
  };
}
