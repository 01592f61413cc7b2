/** The items of a set value. Order carries no meaning but is kept, since people read it. */
export type Items = readonly string[];

const SMALL = 16;

function membership(items: Items): (item: string) => boolean {
  if (items.length <= SMALL) return (item) => items.includes(item);
  const index = new Set(items);
  return (item) => index.has(item);
}

export function addItems(a: Items, b: Items): Items {
  const has = membership(a);
  const added = b.filter((item) => !has(item));
  return added.length === 0 ? a : [...a, ...added];
}

export function subtractItems(a: Items, b: Items): Items {
  const has = membership(b);
  return a.filter((item) => !has(item));
}

export function itemsContain(a: Items, b: Items): boolean {
  return b.every(membership(a));
}

export function itemsEqual(a: Items, b: Items): boolean {
  return a.length === b.length && itemsContain(a, b) && itemsContain(b, a);
}

/** `{a, b}`. */
export function formatItems(items: Items): string {
  return `{${items.join(', ')}}`;
}
