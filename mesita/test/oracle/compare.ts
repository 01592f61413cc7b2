// Where an answer differs from what the real Mesos answered. Order out of hash maps is no difference.
import { isObject } from './normalise.ts';

/** What only some builds of Mesos know about themselves. */
const buildFacts = new Set(['git_sha', 'git_branch', 'git_tag']);

export function differences(expected: unknown, actual: unknown): string[] {
  const strict = walk(expected, actual, '');
  return strict.length === 0 ? [] : walk(unordered(expected), unordered(actual), '');
}

function walk(expected: unknown, actual: unknown, path: string): string[] {
  // A text of Mesos' own that was not recorded: any text will do.
  if (expected === '<PROSE>') return [];
  if (isObject(expected) && isObject(actual)) {
    const missing = Object.keys(expected).flatMap((k) =>
      k in actual || buildFacts.has(k)
        ? walk(expected[k], k in actual ? actual[k] : expected[k], `${path}.${k}`)
        : [`${path}.${k}: missing, expected ${brief(expected[k])}`],
    );
    const extra = Object.keys(actual)
      .filter((k) => !(k in expected))
      .map((k) => `${path}.${k}: unexpected ${brief(actual[k])}`);
    return [...missing, ...extra];
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length)
      return [`${path}: ${actual.length} elements, expected ${expected.length}: ${brief(actual)}`];
    return expected.flatMap((e, i) => walk(e, actual[i], `${path}[${i}]`));
  }
  return Object.is(expected, actual)
    ? []
    : [`${path}: ${brief(actual)}, expected ${brief(expected)}`];
}

function unordered(value: unknown): unknown {
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, unordered(v)]));
  if (!Array.isArray(value)) return value;
  return value
    .map(unordered)
    .map((v) => [sortedText(v), v] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, v]) => v);
}

function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    isObject(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))) : v,
  );
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 160);
}
