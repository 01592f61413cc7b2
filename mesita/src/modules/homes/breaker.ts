/**
 * Spares callers the wait for what does not answer.
 *
 *   closed ──5 failures in a row──▶ open ──time──▶ half-open ──success──▶ closed
 *                                    ▲                 │
 *                                    └────failure──────┘   twice as long, at most 30 s
 */
export interface Breaker {
  readonly isOpen: boolean;
  /** May a call be made now? While half open, one at a time. */
  admits(now: number): boolean;
  succeeded(): void;
  failed(now: number): void;
}

const THRESHOLD = 5;
const FIRST_OPEN_MS = 1_000;
const MAX_OPEN_MS = 30_000;

export function createBreaker(): Breaker {
  let failures = 0;
  let openMs = FIRST_OPEN_MS;
  /** Undefined while closed. */
  let probeAt: number | undefined;
  let isProbing = false;
  return {
    get isOpen() {
      return probeAt !== undefined;
    },
    admits(now) {
      if (probeAt === undefined) return true;
      if (now < probeAt) return false;
      // Should the probe never come to an end, another one is due later.
      probeAt = now + openMs;
      isProbing = true;
      return true;
    },
    succeeded() {
      failures = 0;
      openMs = FIRST_OPEN_MS;
      probeAt = undefined;
      isProbing = false;
    },
    failed(now) {
      // Calls made before it opened tell nothing new.
      if (++failures < THRESHOLD || (probeAt !== undefined && !isProbing)) return;
      if (isProbing) openMs = Math.min(openMs * 2, MAX_OPEN_MS);
      isProbing = false;
      probeAt = now + openMs;
    },
  };
}
