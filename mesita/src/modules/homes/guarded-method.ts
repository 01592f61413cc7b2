import type { Clock } from '@mesita/sdk/base';
import type { ObjectApprover } from '@mesita/sdk/module';
import type { Call } from '@mesita/sdk/module/calls';
import { type Breaker, createBreaker } from './breaker.ts';
import { createDeadlines, type Deadlines, type Waiting } from './deadlines.ts';
import { CallFailure, type FailureReason } from './failure.ts';
import { createFallback, type Fallback, neutralOf } from './fallback.ts';
import type { Target } from './guard.ts';
import { createLatency } from './latency.ts';
import { readAnswer, readerOf, watchApprover } from './readers.ts';
import type { MethodStatistics } from './statistics.ts';

export interface GuardedMethod {
  readonly invoke: (...args: unknown[]) => unknown;
  readonly statistics: MethodStatistics;
  close(): void;
}

export interface MethodParts {
  readonly target: Pick<Target, 'call' | 'abandon'>;
  readonly method: string;
  /** For texts. */
  readonly title: string;
  readonly call: Call;
  readonly clock: Clock;
  readonly now: () => number;
  readonly failed: (error: Error) => void;
  readonly builtin: ((...args: readonly unknown[]) => unknown) | undefined;
}

/** So many calls may be waiting; more are refused at once. */
const MAX_PENDING = 10_000;

/** Everything that the calls of one method share. */
interface Shared extends MethodParts {
  readonly statistics: MethodStatistics & { isOpen: boolean };
  readonly breaker: Breaker;
  readonly deadlines: Deadlines;
  readonly fallback: Fallback;
  readonly read: ((value: unknown) => unknown) | undefined;
}

export function createGuardedMethod(parts: MethodParts): GuardedMethod {
  const { call, clock, now, builtin } = parts;
  const breaker = createBreaker();
  const deadlines = createDeadlines(call.deadlineMs, clock, now);
  const statistics = createStatistics(breaker, deadlines);
  const fallback = createFallback(call, call.onFailure, builtin);
  const shared: Shared = {
    ...parts,
    breaker,
    deadlines,
    statistics,
    fallback,
    read: readerOf(call),
  };
  return {
    invoke:
      call.sort === 'notification'
        ? (...args) => notify(shared, args)
        : (...args) => ask(shared, args),
    statistics,
    close: deadlines.close,
  };
}

export function createStatistics(
  breaker: Pick<Breaker, 'isOpen'>,
  pending: { readonly size: number },
): MethodStatistics {
  return {
    ...{ calls: 0, failures: 0, timeouts: 0, nonsense: 0, refused: 0 },
    latency: createLatency(),
    get pending() {
      return pending.size;
    },
    get isOpen() {
      return breaker.isOpen;
    },
  };
}

function notify(shared: Shared, args: readonly unknown[]): void {
  const { target, method, statistics, now } = shared;
  statistics.calls++;
  const began = now();
  try {
    const answer = target.call(method, args);
    statistics.latency.record(now() - began);
    // An async function is a fair way to be notified; what becomes of it is nobody's answer.
    if (isThenable(answer))
      answer.then(undefined, (error) => count(shared, toFailure(shared, error)));
  } catch (error) {
    count(shared, toFailure(shared, error));
  }
}

function ask(shared: Shared, args: readonly unknown[]): unknown {
  const { target, method, call, statistics, breaker, deadlines, now } = shared;
  statistics.calls++;
  const began = now();
  if (breaker.isOpen && !breaker.admits(began)) {
    return refuse(shared, args, 'not asked, because it did not answer before');
  }
  if (deadlines.size >= MAX_PENDING) {
    return refuse(shared, args, `not asked, because ${MAX_PENDING} calls are waiting`);
  }
  let answer: unknown;
  try {
    answer = target.call(method, args);
    if (isThenable(answer) && !call.isImmediate) return follow(shared, args, answer, began);
    return accept(shared, args, answer, began);
  } catch (error) {
    return giveUp(shared, args, toFailure(shared, error));
  }
}

/** Throws when the answer is none. */
function accept(shared: Shared, args: readonly unknown[], answer: unknown, began: number): unknown {
  const { call, read, statistics, breaker, fallback, now } = shared;
  const good = read ? readAnswer(read, answer) : answer;
  statistics.latency.record(now() - began);
  breaker.succeeded();
  fallback.succeeded(args, good);
  if (call.gives !== 'approver') return good;
  return watchApprover(good as ObjectApprover, (error) => count(shared, toFailure(shared, error)));
}

/** One call that takes its time: it ends once, by its answer or by its deadline. */
class Following implements Waiting {
  due = 0;
  before: Waiting | undefined;
  after: Waiting | undefined;
  private isOver = false;
  private readonly shared: Shared;
  private readonly args: readonly unknown[];
  private readonly answer: PromiseLike<unknown>;
  private readonly began: number;
  private readonly resolve: (value: unknown) => void;
  private readonly reject: (error: unknown) => void;

  constructor(
    shared: Shared,
    args: readonly unknown[],
    answer: PromiseLike<unknown>,
    began: number,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.shared = shared;
    this.args = args;
    this.answer = answer;
    this.began = began;
    this.resolve = resolve;
    this.reject = reject;
  }

  start(): void {
    const { deadlines } = this.shared;
    deadlines.add(this, this.began);
    this.answer.then(
      (value) => this.answered(value),
      (error) => this.failed(error),
    );
  }

  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    return true;
  }

  private answered(value: unknown): void {
    if (!this.end()) return;
    this.shared.deadlines.remove(this);
    try {
      this.resolve(accept(this.shared, this.args, value, this.began));
    } catch (error) {
      this.fallBack(toFailure(this.shared, error));
    }
  }

  private failed(error: unknown): void {
    if (!this.end()) return;
    this.shared.deadlines.remove(this);
    this.fallBack(toFailure(this.shared, error));
  }

  /** By the deadline, which has removed it. */
  expire(): void {
    if (!this.end()) return;
    const { call, target } = this.shared;
    target.abandon?.(this.answer);
    const text = `did not answer within ${call.deadlineMs} ms`;
    this.fallBack(toFailure(this.shared, new CallFailure('timeout', text)));
  }

  private fallBack(failure: CallFailure): void {
    try {
      this.resolve(fallBack(this.shared, this.args, failure));
    } catch (error) {
      this.reject(error);
    }
  }
}

function follow(
  shared: Shared,
  args: readonly unknown[],
  answer: PromiseLike<unknown>,
  began: number,
): Promise<unknown> {
  return new Promise((resolve, reject) =>
    new Following(shared, args, answer, began, resolve, reject).start(),
  );
}

/** Counts the failure and gives what stands in for the answer, or throws. */
function fallBack(shared: Shared, args: readonly unknown[], failure: CallFailure): unknown {
  count(shared, failure);
  return shared.fallback.answer(args, failure);
}

/** A failure that is known at once. */
function giveUp(shared: Shared, args: readonly unknown[], failure: CallFailure): unknown {
  try {
    return fallBack(shared, args, failure);
  } catch (error) {
    const { isImmediate, result } = shared.call;
    if (!isImmediate) return Promise.reject(error);
    const neutral = neutralOf(result);
    if (neutral === undefined) throw error;
    return neutral.value;
  }
}

function refuse(shared: Shared, args: readonly unknown[], why: string): unknown {
  return giveUp(shared, args, toFailure(shared, new CallFailure('refused', why)));
}

function count({ statistics, breaker, now, failed }: Shared, failure: CallFailure): void {
  countFailure(statistics, failure.reason);
  // An error that the module answers is an answer: it costs no one time.
  if (failure.reason === 'error') breaker.succeeded();
  else if (failure.reason !== 'refused') breaker.failed(now());
  failed(failure);
}

export function countFailure(statistics: MethodStatistics, reason: FailureReason): void {
  statistics.failures++;
  if (reason === 'timeout') statistics.timeouts++;
  if (reason === 'nonsense') statistics.nonsense++;
  if (reason === 'refused') statistics.refused++;
}

/** What a module throws may be anything; its own text is kept as it is. */
export function toFailure({ title }: Pick<MethodParts, 'title'>, error: unknown): CallFailure {
  const reason = error instanceof CallFailure ? error.reason : 'error';
  const text = textOf(error);
  return new CallFailure(reason, reason === 'error' ? text : `${title} ${text}`, error);
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'threw something without a text';
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
