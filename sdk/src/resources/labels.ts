import type { Labels } from '../types/mesos.ts';

/** A text equal for equal labels: order does not count, but no labels and empty labels differ. */
export function labelsKey(labels: Labels | undefined): string | undefined {
  if (labels === undefined) return undefined;
  const pairs = (labels.labels ?? []).map(({ key, value }) =>
    JSON.stringify(value === undefined ? [key] : [key, value]),
  );
  return pairs.sort().join();
}

export function labelsEqual(a: Labels | undefined, b: Labels | undefined): boolean {
  return a === b || labelsKey(a) === labelsKey(b);
}

/** `{key: value, key}`. */
export function formatLabels(labels: Labels | undefined): string {
  const pairs = (labels?.labels ?? []).map(({ key, value }) =>
    value === undefined ? key : `${key}: ${value}`,
  );
  return `{${pairs.join(', ')}}`;
}
