import { nothing, type Shape } from './shape.ts';

/** What a daemon does when a call fails. */
export type FailurePolicy =
  /** The caller gets the error. */
  | 'fail'
  /** The caller gets the answer that changes nothing, where there is one. */
  | 'ignore'
  /** The caller gets what the same call answered last. */
  | 'last-known-good'
  /** The built-in module of the kind answers. */
  | 'builtin';

/** One method of a kind, or one function that a daemon lends to a module. */
export interface Call {
  /**
   * `request`: answered within the deadline. `notification`: not answered. `wait`: answered when
   * something happens, perhaps never.
   */
  readonly sort: 'request' | 'notification' | 'wait';
  /** In the order of the parameters. */
  readonly args: Readonly<Record<string, Shape>>;
  readonly result: Shape;
  readonly deadlineMs: number;
  readonly onFailure: FailurePolicy;
  /** What follows the arguments and is no data. */
  readonly lends?: 'callbacks' | 'usage' | 'channel';
  /** The last parameter is an AbortSignal. */
  readonly hasSignal?: boolean;
  /** The answer is no promise, whatever happens. */
  readonly isImmediate?: boolean;
  /** What the answer holds beside data. */
  readonly gives?: 'candidacy' | 'approver';
}

/** Everything that is called of a kind. */
export interface KindCalls {
  readonly methods: Readonly<Record<string, Call>>;
  /** What the module may call of the daemon. */
  readonly callbacks: Readonly<Record<string, Call>>;
  /** What stands on the instance and is no method. */
  readonly properties: Readonly<Record<string, Shape>>;
}

type Args = Readonly<Record<string, Shape>>;
type Details = Partial<
  Pick<Call, 'deadlineMs' | 'onFailure' | 'lends' | 'hasSignal' | 'gives' | 'isImmediate'>
>;

const SECOND = 1000;
const DEFAULT_DEADLINE_MS = 5 * SECOND;

export function request(args: Args, result: Shape, details: Details = {}): Call {
  const defaults = { deadlineMs: DEFAULT_DEADLINE_MS, onFailure: 'fail' } as const;
  return { sort: 'request', args, result, ...defaults, ...details };
}

export function notification(args: Args, details: Details = {}): Call {
  return { ...request(args, nothing, details), sort: 'notification', onFailure: 'ignore' };
}

/** A module that fails while it is waited for is asked again: see `ignore`. */
export function wait(args: Args, result: Shape, details: Details = {}): Call {
  return { ...request(args, result, details), sort: 'wait', deadlineMs: Number.POSITIVE_INFINITY };
}
