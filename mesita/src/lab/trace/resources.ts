import { ResourceLimits, ResourceQuantities, Resources } from '@mesita/sdk/resources';
import type { Resource } from '@mesita/sdk/types';
import { fromJsonList, toJson } from '../../wire/json.ts';
import * as mesos from '../../wire/schema/mesos.ts';

/** `cpus:1; mem:64` where a text says it all, else a list of Mesos' objects. */
export type ResourcesJson = string | readonly unknown[];

export function writeResources(resources: Resources): ResourcesJson {
  const messages = resources.toMessages();
  if (messages.every(isPlain)) return String(resources);
  return messages.map((message) => toJson(mesos.Resource, message));
}

export function readResources(value: unknown): Resources {
  if (typeof value !== 'string') return Resources.of(fromJsonList(mesos.Resource, value));
  const parsed = Resources.parse(value === '{}' ? '' : value);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function isPlain({ name, type, scalar, ranges, set, reservations, ...rest }: Resource): boolean {
  const isReserved = reservations !== undefined && reservations.length > 0;
  return !isReserved && Object.entries(rest).every(([key, value]) => key === 'role' || !value);
}

/** What is allocated, by role: `{ "web": "cpus:1" }`; what is not, under the empty name. */
export function writeAllocated(resources: Resources): Record<string, ResourcesJson> {
  const byRole: Record<string, ResourcesJson> = {};
  let rest = resources;
  for (const [role, part] of resources.allocations()) {
    byRole[role] = writeResources(part.unallocate());
    rest = rest.subtract(part);
  }
  if (!rest.isEmpty) byRole[''] = writeResources(rest);
  return byRole;
}

export function readAllocated(value: unknown): Resources {
  const parts = Object.entries(Object(value) as object).map(([role, part]) =>
    role === '' ? readResources(part) : readResources(part).allocate(role),
  );
  return Resources.sum(parts);
}

type AmountsJson = Readonly<Record<string, number>>;

export function writeAmounts(
  amounts: Iterable<readonly [name: string, thousandths: number]>,
): AmountsJson {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, amount / 1000]));
}

export function readQuantities(value: unknown): ResourceQuantities {
  return ResourceQuantities.fromThousandths(thousandths(value));
}

export function readLimits(value: unknown): ResourceLimits {
  return ResourceLimits.fromThousandths(thousandths(value));
}

function thousandths(value: unknown): [string, number][] {
  return Object.entries(Object(value) as AmountsJson).map(([name, amount]) => [
    name,
    Math.round(amount * 1000),
  ]);
}
