import type { Clock, Logger } from '@mesita/sdk/base';
import type { InstanceOf, KindName } from '@mesita/sdk/module';
import { type Call, calls, type FailurePolicy } from '@mesita/sdk/module/calls';
import { oneLine } from '../one-line.ts';
import { createApprover } from './approver.ts';
import { createGuardedMethod, type GuardedMethod, type MethodParts } from './guarded-method.ts';
import { ROUTE } from './guarded-routes.ts';
import { createGuardedWait } from './guarded-wait.ts';
import { type MethodStatistics, sumStatistics } from './statistics.ts';

/** What is guarded: an instance in any home. */
export interface Target {
  /** Names of the kind's methods that it has. */
  readonly methods: ReadonlySet<string>;
  /** What stands on it and is no method. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** It lives elsewhere: nothing is answered at once. */
  readonly isRemote?: boolean;
  /** May throw, or answer at once. */
  call(method: string, args: readonly unknown[]): unknown;
  /** Nobody waits for this answer any more. */
  abandon?(answer: PromiseLike<unknown>): void;
}

/** Where a manifest says otherwise than the kind's table. */
export interface CallLimits {
  readonly deadlineMs?: number | undefined;
  readonly onFailure?: FailurePolicy | undefined;
}

export interface GuardOptions extends CallLimits {
  readonly kind: KindName;
  /** Name of the instance: for texts. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  /** By method. */
  readonly methods?: Readonly<Record<string, CallLimits>> | undefined;
  /** Answers where the policy is `builtin`. */
  readonly builtin?: object | undefined;
}

export interface Guarded {
  readonly instance: unknown;
  /** By method. */
  readonly statistics: ReadonlyMap<string, MethodStatistics>;
  /** The latest failure, in one line. */
  readonly lastError: string | undefined;
  /** As daemons publish them under `modules/<instance>/`. */
  metrics(): ReadonlyMap<string, number>;
  close(): void;
}

/** Hears of every failure of one instance. */
export interface Failures {
  readonly last: string | undefined;
  note(method: string, error: Error): void;
}

export function createFailures(options: GuardOptions): Failures {
  const warn = createFailureLog(options);
  let last: string | undefined;
  return {
    get last() {
      return last;
    },
    note(method, error) {
      last = `${method}: ${oneLine(error)}`;
      warn(method, oneLine(error));
    },
  };
}

/**
 * Gives an instance of the same kind that a misbehaving module cannot harm: each call ends within
 * its deadline, an answer is what the kind says, and a failure becomes what the policy says.
 * Notifications have no answer: theirs are logged and counted. So are requests to its routes.
 */
export function guard(
  target: Target,
  options: GuardOptions,
  failures: Failures = createFailures(options),
  requests?: GuardedMethod,
): Guarded {
  const { kind } = options;
  const methods = new Map<string, GuardedMethod>();
  if (requests) methods.set(ROUTE, requests);
  const instance: Record<string, unknown> = { ...target.properties };
  for (const [method, call] of Object.entries(calls[kind].methods)) {
    if (!target.methods.has(method)) continue;
    const guarded = guardMethod(target, method, call, options, failures);
    methods.set(method, guarded);
    instance[method] = guarded.invoke;
  }
  const statistics = new Map([...methods].map(([method, { statistics: s }]) => [method, s]));
  return {
    instance,
    statistics,
    get lastError() {
      return failures.last;
    },
    metrics: () => sumStatistics(statistics),
    close() {
      for (const { close } of methods.values()) close();
    },
  };
}

const LOG_INTERVAL_MS = 1_000;

/** A module may fail as often as it is called; the log gets a line a second. */
function createFailureLog({ name, log, clock }: GuardOptions) {
  let next = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (method: string, error: string): void => {
    const now = clock.now();
    if (now < next) {
      unsaid++;
      return;
    }
    next = now + LOG_INTERVAL_MS;
    const before = unsaid > 0 ? { failures_not_logged: unsaid } : {};
    unsaid = 0;
    log.warn('call of a module failed', { module: name, method, error, ...before });
  };
}

function guardMethod(
  target: Target,
  method: string,
  call: Call,
  options: GuardOptions,
  failures: Failures,
): GuardedMethod {
  const own = options.methods?.[method];
  const onFailure = own?.onFailure ?? options.onFailure ?? call.onFailure;
  const parts = {
    target,
    method,
    title: `Module '${options.name}': ${method}`,
    call: {
      ...call,
      deadlineMs: deadlineOf(call, own?.deadlineMs ?? options.deadlineMs),
      onFailure,
    },
    clock: options.clock,
    now: options.now ?? (() => performance.now()),
    failed: (error: Error) => failures.note(method, error),
    builtin: builtinMethod(options.builtin, method),
  };
  if (call.gives === 'approver' && target.isRemote) return guardQuestions(parts);
  return call.sort === 'wait' ? createGuardedWait(parts) : createGuardedMethod(parts);
}

/** Each question to an approver is a call. */
function guardQuestions(parts: MethodParts): GuardedMethod {
  const { gives: _gives, ...call } = parts.call;
  const questions = createGuardedMethod({ ...parts, call });
  const ask = (args: readonly unknown[], object: unknown) =>
    questions.invoke(...args, object) as Promise<unknown>;
  return { ...questions, invoke: (...args) => createApprover((object) => ask(args, object)) };
}

function deadlineOf(call: Call, wanted: number | undefined): number {
  return call.sort === 'wait' ? Number.POSITIVE_INFINITY : (wanted ?? call.deadlineMs);
}

function builtinMethod(builtin: object | undefined, method: string) {
  const found = (builtin as Readonly<Record<string, unknown>> | undefined)?.[method];
  return typeof found === 'function'
    ? (...args: readonly unknown[]) => found.apply(builtin, [...args])
    : undefined;
}

type Method = (...args: unknown[]) => unknown;

/** An instance in this memory. */
export function targetOf<K extends KindName>(kind: K, instance: InstanceOf<K>): Target {
  const members = instance as unknown as Readonly<Record<string, unknown>>;
  const { methods, properties } = calls[kind];
  const own = [...Object.keys(methods), 'exportState', 'importState'].filter(
    (name) => typeof members[name] === 'function',
  );
  return {
    methods: new Set(own),
    properties: Object.fromEntries(
      Object.keys(properties).flatMap((name) =>
        members[name] === undefined ? [] : [[name, members[name]]],
      ),
    ),
    call: (method, args) => Reflect.apply(members[method] as Method, instance, args),
  };
}
