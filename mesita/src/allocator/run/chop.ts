import type { Random } from '@mesita/sdk/base';
import type { Item } from '@mesita/sdk/resources';
import { Resources } from '@mesita/sdk/resources';
import type { ResourceNames } from '../quantities.ts';

/**
 * The part of some scalars that stays within `boundOf` each name, object by object in random
 * order; without `random` in the order they are in, for objects that do not compete. What cannot
 * be split is taken whole or left out. Gives back the same resources when all of them stay.
 */
export function chop(
  resources: Resources,
  names: ResourceNames,
  boundOf: (name: number) => number,
  random: Random | undefined,
): Resources {
  const items = random === undefined ? resources.items : shuffled(resources.items, random);
  const kept: Item[] = [];
  const left: (number | undefined)[] = [];
  let isWhole = true;
  for (const item of items) {
    if (item.type !== 'SCALAR') continue;
    const name = names.indexOf(item.of.template.name);
    const bound = left[name] ?? boundOf(name);
    const value = bound < item.value ? atMost(item, bound) : item.value;
    left[name] = bound - value;
    if (value === item.value) {
      kept.push(item);
      continue;
    }
    isWhole = false;
    if (value > 0) kept.push({ type: 'SCALAR', of: item.of, value, copies: item.copies });
  }
  return isWhole ? resources : Resources.ofItems(kept);
}

function atMost(item: Item, bound: number): number {
  return bound <= 0 || item.of.isIndivisible || item.of.isShared ? 0 : bound;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
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
