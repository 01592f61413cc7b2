import type { Item, ResourceQuantities, Resources } from '@mesita/sdk/resources';
import { ResourceQuantities as Amounts, rangesSize } from '@mesita/sdk/resources';
import type { OfferFilters } from '@mesita/sdk/types';

/** Any one of them must be there for an offer to be worth sending; none asks for nothing. */
export type Minimums = readonly ResourceQuantities[];

export function meetsMinimum(resources: Resources, minimums: Minimums): boolean {
  if (resources.isEmpty) return false;
  return minimums.length === 0 || minimums.some((minimum) => isThere(resources, minimum));
}

/** Summed object by object without rounding, as in Mesos: 0.1 and 0.7 are not quite 0.8. */
function isThere(resources: Resources, minimum: ResourceQuantities): boolean {
  for (const [name, amount] of minimum) {
    let missing = amount / 1000;
    for (const item of resources.items) {
      if (item.of.template.name !== name) continue;
      missing -= sizeOf(item);
      if (missing <= 0) break;
    }
    if (missing > 0) return false;
  }
  return true;
}

/** What is missing to the alternative that is nearest: `mem:16`. */
export function shortOf(resources: Resources, minimums: Minimums): string {
  const lacks = minimums.map((minimum) =>
    [...minimum].flatMap(([name, amount]) => {
      const missing = amount - resources.thousandths(name);
      return missing > 0 ? [{ text: `${name}:${missing / 1000}`, part: missing / amount }] : [];
    }),
  );
  const distance = (lack: (typeof lacks)[0]) => lack.reduce((sum, { part }) => sum + part, 0);
  const [nearest = []] = lacks.sort((a, b) => distance(a) - distance(b));
  return nearest.map(({ text }) => text).join(';');
}

/** Ranges count their numbers, sets their elements. */
function sizeOf(item: Item): number {
  if (item.type === 'SCALAR') return item.value / 1000;
  return item.type === 'RANGES' ? rangesSize(item.value) : item.value.length;
}

/** A framework's own minimums by role, where it has some. */
export function minimumsOf(
  filters: Readonly<Record<string, OfferFilters>> | undefined,
): Map<string, Minimums> {
  const minimums = new Map<string, Minimums>();
  for (const [role, { minAllocatableResources }] of Object.entries(filters ?? {})) {
    if (minAllocatableResources === undefined) continue;
    const alternatives = minAllocatableResources.quantities ?? [];
    minimums.set(
      role,
      alternatives.map(({ quantities }) => Amounts.fromScalars(quantities)),
    );
  }
  return minimums;
}
