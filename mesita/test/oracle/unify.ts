// Compares an event with its recording and learns what the recording's placeholders stand for.
import { isObject } from './normalise.ts';

export type Bindings = Map<string, string>;

const numbered = /<[A-Z_]+_\d+>/;
const anything = /<(NUM|B64_UUID|USER|IP_NUM|PID|VERSION|PATH|PORT|PROSE|NUMBER)>/;
const placeholder = /<[A-Z_0-9]+>/g;

/** What differs; empty when the event is the recorded one. Learns only on success. */
export function unify(expected: unknown, actual: unknown, bindings: Bindings): string[] {
  const learned = new Map(bindings);
  const found = match(expected, actual, learned, '');
  if (found.length === 0) for (const [name, value] of learned) bindings.set(name, value);
  return found;
}

function match(expected: unknown, actual: unknown, bindings: Bindings, path: string): string[] {
  if (typeof expected === 'string') return matchText(expected, actual, bindings, path);
  if (Array.isArray(expected)) return matchList(expected, actual, bindings, path);
  if (isObject(expected)) {
    if (!isObject(actual)) return [differs(path, expected, actual)];
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((k) =>
      k in expected && k in actual
        ? match(expected[k], actual[k], bindings, `${path}.${k}`)
        : [differs(`${path}.${k}`, expected[k], actual[k])],
    );
  }
  return expected === actual ? [] : [differs(path, expected, actual)];
}

/** Lists of offers, resources and labels come out of hash maps: any order will do. */
function matchList(
  expected: readonly unknown[],
  actual: unknown,
  bindings: Bindings,
  path: string,
): string[] {
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return [differs(path, expected, actual)];
  const left = [...actual];
  let first: string[] = [];
  for (const item of expected) {
    const at = left.findIndex((candidate) => {
      const trial = new Map(bindings);
      const found = match(item, candidate, trial, path);
      if (found.length > 0) {
        if (first.length === 0) first = found;
        return false;
      }
      for (const [name, value] of trial) bindings.set(name, value);
      return true;
    });
    if (at < 0) return first.length > 0 ? first : [differs(path, expected, actual)];
    left.splice(at, 1);
  }
  return [];
}

function matchText(expected: string, actual: unknown, bindings: Bindings, path: string): string[] {
  const wild = expected.replace(placeholder, '') === '' && anything.test(expected);
  if (wild) return actual === undefined ? [differs(path, expected, actual)] : [];
  if (typeof actual !== 'string' && typeof actual !== 'number')
    return [differs(path, expected, actual)];
  const names: string[] = [];
  let pattern = '';
  let at = 0;
  for (const found of expected.matchAll(placeholder)) {
    pattern += quote(expected.slice(at, found.index));
    at = found.index + found[0].length;
    const known = bindings.get(found[0]);
    if (known !== undefined) pattern += quote(known);
    else {
      if (numbered.test(found[0])) names.push(found[0]);
      pattern += numbered.test(found[0]) ? '(\\S+?)' : '\\S+?';
    }
  }
  pattern += quote(expected.slice(at));
  const result = new RegExp(`^${pattern}$`, 's').exec(String(actual));
  if (!result) return [differs(path, substitute(expected, bindings), actual)];
  for (const [i, name] of names.entries()) bindings.set(name, result[i + 1] ?? '');
  return [];
}

/** The recording's text with what is known put in. */
export function substitute(text: string, bindings: Bindings): string {
  return text.replace(placeholder, (name) => bindings.get(name) ?? name);
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function differs(path: string, expected: unknown, actual: unknown): string {
  const brief = (v: unknown) => (JSON.stringify(v) ?? 'nothing').slice(0, 200);
  return `${path}: ${brief(actual)}, expected ${brief(expected)}`;
}
