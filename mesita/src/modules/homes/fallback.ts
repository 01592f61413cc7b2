import type { Call, FailurePolicy, Shape } from '@mesita/sdk/module/calls';
import { Resources } from '@mesita/sdk/resources';

/** What stands in for an answer that did not come. */
export interface Fallback {
  /** Must be cheap: it is called for every good answer. */
  succeeded(args: readonly unknown[], answer: unknown): void;
  /** The answer to give instead, or throws the failure. */
  answer(args: readonly unknown[], failure: Error): unknown;
}

type Ask = (...args: readonly unknown[]) => unknown;

export function createFallback(
  call: Call,
  policy: FailurePolicy,
  builtin: Ask | undefined,
): Fallback {
  if (policy === 'last-known-good') return rememberAnswers();
  return {
    succeeded() {},
    answer(args, failure) {
      if (policy === 'builtin' && builtin) return builtin(...args);
      const neutral = policy === 'ignore' ? neutralOf(call.result) : undefined;
      if (neutral === undefined) throw failure;
      return neutral.value;
    },
  };
}

const MAX_REMEMBERED = 1_000;

/** Answers are known by the first argument: a container's id, say. */
function rememberAnswers(): Fallback {
  const known = new Map<string, unknown>();
  const keyOf = ([first]: readonly unknown[]) =>
    typeof first === 'string' ? first : (JSON.stringify(first) ?? '');
  return {
    succeeded(args, answer) {
      const key = keyOf(args);
      known.delete(key);
      known.set(key, answer);
      if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value as string);
    },
    answer(args, failure) {
      const key = keyOf(args);
      if (!known.has(key)) throw failure;
      return known.get(key);
    },
  };
}

/** The answer that changes nothing; undefined where every answer does. */
export function neutralOf(shape: Shape): { readonly value: unknown } | undefined {
  switch (shape.type) {
    case 'nothing':
    case 'optional':
      return { value: undefined };
    case 'list':
      return { value: [] };
    case 'map':
      return { value: new Map() };
    case 'set':
      return { value: new Set() };
    case 'record':
      return { value: {} };
    case 'resources':
      return { value: Resources.empty };
    case 'boolean':
      return { value: false };
    case 'message':
      return shape.isPartial ? { value: {} } : undefined;
    default:
      return undefined;
  }
}
