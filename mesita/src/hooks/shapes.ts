import { Resources } from '@mesita/sdk/resources';
import type { Attribute, Environment, Labels } from '@mesita/sdk/types';

// Hooks are others' code, in JavaScript too: what they answer is looked at before it is believed.

export function asLabels(answer: unknown): Labels {
  const labels = list(answer, 'labels');
  if (labels.every(({ key }) => typeof key === 'string')) return answer as Labels;
  throw new Error('answered labels without a key');
}

export function asEnvironment(answer: unknown): Environment {
  const variables = list(answer, 'variables');
  if (variables.every(({ name }) => typeof name === 'string')) return answer as Environment;
  throw new Error('answered variables without a name');
}

/** From any copy of the SDK. */
export function asResources(answer: unknown): Resources {
  const { toMessages } = Object(answer) as Partial<Resources>;
  if (typeof toMessages !== 'function') throw new Error('answered something else than Resources');
  return answer instanceof Resources ? answer : Resources.of(toMessages.call(answer, 'post'));
}

export function asAttributes(answer: unknown): readonly Attribute[] {
  const attributes = elements(answer, 'attributes');
  if (attributes.every(({ name, type }) => typeof name === 'string' && typeof type === 'string')) {
    return answer as readonly Attribute[];
  }
  throw new Error('answered attributes without a name or a type');
}

function list(answer: unknown, member: string): Record<string, unknown>[] {
  return elements((Object(answer) as Record<string, unknown>)[member] ?? missing(answer), member);
}

function missing(answer: unknown): unknown {
  // An empty message is the same as an empty list.
  return typeof answer === 'object' ? [] : undefined;
}

function elements(value: unknown, what: string): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw new Error(`answered something else than ${what}`);
  return value.map((element) => Object(element) as Record<string, unknown>);
}
