/** What a value of a call looks like: enough to copy it, to write it as JSON and to describe it. */
export type Shape =
  | { readonly type: Leaf }
  /** A message of Mesos, as `<schema>.<Message>`. Partial: required fields may be absent. */
  | { readonly type: 'message'; readonly name: string; readonly isPartial: boolean }
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'object'; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly type: Wrapper; readonly of: Shape };

type Leaf =
  | 'text'
  | 'number'
  | 'boolean'
  | 'bytes'
  /** Any JSON value. */
  | 'json'
  /** Whatever comes is dropped. */
  | 'nothing'
  | 'resources'
  | 'quantities'
  | 'limits';

type Wrapper =
  | 'list'
  | 'set'
  /** A `Map` with string keys. */
  | 'map'
  /** A plain object with any keys. */
  | 'record'
  | 'optional'
  /** `Result` of it. */
  | 'result';

export const text: Shape = { type: 'text' };
export const number: Shape = { type: 'number' };
export const boolean: Shape = { type: 'boolean' };
export const bytes: Shape = { type: 'bytes' };
export const json: Shape = { type: 'json' };
export const nothing: Shape = { type: 'nothing' };
export const resources: Shape = { type: 'resources' };
export const quantities: Shape = { type: 'quantities' };
export const limits: Shape = { type: 'limits' };

export const message = (name: string): Shape => ({ type: 'message', name, isPartial: false });
export const partial = (name: string): Shape => ({ type: 'message', name, isPartial: true });
export const words = (...all: readonly string[]): Shape => ({ type: 'words', words: all });
export const object = (fields: Readonly<Record<string, Shape>>): Shape => ({
  type: 'object',
  fields,
});

const wrap =
  (type: Wrapper) =>
  (of: Shape): Shape => ({ type, of });
export const list = wrap('list');
export const set = wrap('set');
export const map = wrap('map');
export const record = wrap('record');
export const optional = wrap('optional');
export const result = wrap('result');
