import type { Random } from '@mesita/sdk/base';
import type { Item } from '@mesita/sdk/resources';
import { Resources } from '@mesita/sdk/resources';
import type { ResourceNames } from '../quantities.ts';

/**
 * The part of some scalars that stays within `boundOf` each name, object by object in random
 * order. What cannot be split is taken whole or left out.
 */
export function chop(
  resources: Resources,
  names: ResourceNames,
  boundOf: (name: number) => number,
  random: Random,
): Resources {
  const kept: Item[] = [];
  const left: number[] = [];
  for (const item of shuffled(resources.items, random)) {
    if (item.type !== 'SCALAR') continue;
    const name = names.indexOf(item.of.template.name);
    const bound = left[name] ?? boundOf(name);
    if (bound <= 0) continue;
    if (item.value > bound && (item.of.isIndivisible || item.of.isShared)) continue;
    const value = Math.min(item.value, bound);
    kept.push(value === item.value ? item : { ...item, value });
    left[name] = bound - value;
  }
  return Resources.ofItems(kept);
}

export function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  if (items.length < 2) return items;
  const result = items.slice();
  shuffle(result, random);
  return result;
}

export function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    const item = items[i] as T;
    items[i] = items[j] as T;
    items[j] = item;
  }
}
