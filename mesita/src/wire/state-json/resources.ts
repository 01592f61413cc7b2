// The flat forms in which the old JSON endpoints show resources and attributes.
import { formatRanges, isRevocable, Resources, rangesFromMessage } from '@mesita/sdk/resources';
import type { Attribute, Resource } from '@mesita/sdk/types';
import { toJson } from '../json.ts';
import * as mesos from '../schema/mesos.ts';

type FlatResources = Record<string, number | string>;

/** Always there, so that clients may read them without asking. */
const everPresent = ['disk', 'mem', 'gpus', 'cpus'] as const;

/** Scalars as numbers, ranges as `[1-2, 5-5]`, sets as `{a, b}`; revocable ones end in `_revocable`. */
export function flatResources(resources: Resources): FlatResources {
  const flat: FlatResources = Object.fromEntries(everPresent.map((name) => [name, 0]));
  addFlat(flat, resources.nonRevocable(), '');
  addFlat(flat, resources.revocable(), '_revocable');
  return flat;
}

function addFlat(flat: FlatResources, resources: Resources, suffix: string): void {
  for (const resource of resources) {
    const name = `${resource.name}${suffix}`;
    if (resource.type === 'SCALAR') flat[name] = resources.scalar(resource.name);
    else if (resource.type === 'RANGES') flat[name] = formatRanges(resources.ranges(resource.name));
    else if (resource.type === 'SET')
      flat[name] = `{${[...resources.set(resource.name)].join(', ')}}`;
  }
}

/** By role, flat; the unreserved are left out. */
export function flatReservations(resources: Resources): Record<string, FlatResources> {
  return mapValues(resources.reservations(), flatResources);
}

/** Whole resources, with the fields of both reservation formats. */
export function fullResources(resources: Resources): unknown[] {
  return resources.toMessages('endpoint').map((r) => toJson(mesos.Resource, r));
}

export function fullReservations(resources: Resources): Record<string, unknown[]> {
  return mapValues(resources.reservations(), fullResources);
}

function mapValues<T>(
  reservations: ReadonlyMap<string, Resources>,
  render: (resources: Resources) => T,
): Record<string, T> {
  return Object.fromEntries([...reservations].map(([role, r]) => [role, render(r)]));
}

/** Only what is there: the form of quotas and roles. */
export function flatQuantities(resources: Resources): Record<string, number> {
  const quantities = resources.filter((r) => !isRevocable(r)).quantities();
  return Object.fromEntries([...quantities].map(([name, n]) => [name, n / 1000]));
}

export function flatMessages(messages: readonly Resource[] | undefined): FlatResources {
  return flatResources(Resources.of(messages ?? []));
}

export function flatAttributes(attributes: readonly Attribute[] | undefined) {
  return Object.fromEntries((attributes ?? []).map((a) => [a.name, flatAttribute(a)]));
}

function flatAttribute(attribute: Attribute): unknown {
  switch (attribute.type) {
    case 'SCALAR':
      return attribute.scalar?.value ?? 0;
    case 'RANGES':
      return formatRanges(rangesFromMessage(attribute.ranges));
    case 'SET':
      return `{${(attribute.set?.item ?? []).join(', ')}}`;
    default:
      return attribute.text?.value ?? '';
  }
}

/** Roles of a single allocation; undefined where nothing is allocated. */
export function allocatedRole(resources: readonly Resource[] | undefined): string | undefined {
  return resources?.find((r) => r.allocationInfo?.role !== undefined)?.allocationInfo?.role;
}
