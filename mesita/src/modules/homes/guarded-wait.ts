import type { Timer } from '@mesita/sdk/base';
import type { CallFailure } from './failure.ts';
import {
  countFailure,
  createStatistics,
  type GuardedMethod,
  isThenable,
  type MethodParts,
  toFailure,
} from './guarded-method.ts';
import { readAnswer, readerOf } from './readers.ts';

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 5_000;

/**
 * A call that is answered when something happens. A home that ends is no answer: the call is made
 * again once it is back. So it is after a failure of the module where the policy is `ignore`.
 */
export function createGuardedWait(parts: MethodParts): GuardedMethod {
  const { call, clock, target, method, failed, now } = parts;
  const pending = new Set<object>();
  const statistics = createStatistics({ isOpen: false }, pending);
  const read = readerOf(call);

  async function askOnce(args: readonly unknown[]): Promise<unknown> {
    statistics.calls++;
    const began = now();
    const answer = target.call(method, args);
    const value = isThenable(answer) ? await answer : answer;
    const good = read ? readAnswer(read, value) : value;
    statistics.latency.record(now() - began);
    return good;
  }

  async function ask(args: readonly unknown[], signal: AbortSignal | undefined): Promise<unknown> {
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, MAX_RETRY_MS)) {
      const began = now();
      try {
        return await askOnce(args);
      } catch (error) {
        if (signal?.aborted) throw error;
        const failure = toFailure(parts, error);
        countFailure(statistics, failure.reason);
        failed(failure);
        if (!isWorthRepeating(failure, call.onFailure)) throw failure;
        // Who was well for longer than it last had to rest does not fail again and again.
        if (now() - began > delayMs) delayMs = FIRST_RETRY_MS;
        await rest(delayMs, signal);
        if (signal?.aborted) throw failure;
      }
    }
  }

  /** Ends at once when nobody waits any more. */
  function rest(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const end = () => {
        timer?.cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      timer = clock.setTimer(delayMs, end);
      signal?.addEventListener('abort', end);
    });
  }

  return {
    invoke(...args) {
      const last = args.at(-1);
      const answer = ask(args, call.hasSignal ? (last as AbortSignal) : undefined);
      pending.add(answer);
      const forget = () => void pending.delete(answer);
      answer.then(forget, forget);
      return answer;
    },
    statistics,
    close() {},
  };
}

function isWorthRepeating(failure: CallFailure, policy: string): boolean {
  return failure.reason === 'lost' || policy === 'ignore';
}
