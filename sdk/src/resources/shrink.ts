import type { Item } from './item.ts';
import type { ResourceLimits } from './limits.ts';
import type { ResourceQuantities } from './quantities.ts';
import { Resources } from './resources.ts';

/** At most `thousandths` of a scalar; undefined when it is larger and can't be split. */
export function shrinkItem(item: Item, thousandths: number): Item | undefined {
  if (item.type !== 'SCALAR' || item.value <= thousandths) return item;
  return item.of.isIndivisible || item.of.isShared ? undefined : { ...item, value: thousandths };
}

/** The part of the scalars that the quantities ask for, object by object; what can't be split is left out. */
export function shrinkToQuantities(
  resources: Resources,
  quantities: ResourceQuantities,
): Resources {
  return shrink(resources, (name) => quantities.get(name));
}

/** The part of the resources that stays within the limits. */
export function shrinkToLimits(resources: Resources, limits: ResourceLimits): Resources {
  return shrink(resources, (name) => limits.get(name));
}

function shrink(resources: Resources, boundOf: (name: string) => number | undefined): Resources {
  const left = new Map<string, number>();
  const kept: Item[] = [];
  for (const item of resources.items) {
    const { name } = item.of.template;
    const bound = left.get(name) ?? boundOf(name);
    if (bound === undefined) {
      kept.push(item);
      continue;
    }
    const part = item.type === 'SCALAR' && bound > 0 ? shrinkItem(item, bound) : undefined;
    if (part?.type !== 'SCALAR') continue;
    kept.push(part);
    left.set(name, bound - part.value);
  }
  return Resources.ofItems(kept);
}
