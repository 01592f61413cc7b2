import type { Clock, Timer } from '@mesita/sdk/base';

/** One call that was not answered yet. */
export interface Waiting {
  due: number;
  before: Waiting | undefined;
  after: Waiting | undefined;
  expire(): void;
}

/**
 * Calls of one method, which all have the same time: the first one in is the first one due, and
 * one timer serves them all.
 */
export interface Deadlines {
  readonly size: number;
  add(waiting: Waiting, now: number): void;
  /** Once for each. */
  remove(waiting: Waiting): void;
  close(): void;
}

export function createDeadlines(deadlineMs: number, clock: Clock, now: () => number): Deadlines {
  let first: Waiting | undefined;
  let last: Waiting | undefined;
  let size = 0;
  let timer: Timer | undefined;

  function remove(waiting: Waiting): void {
    const { before, after } = waiting;
    if (before) before.after = after;
    else first = after;
    if (after) after.before = before;
    else last = before;
    size--;
  }

  function arm(delayMs: number): void {
    timer = clock.setTimer(delayMs, () => {
      timer = undefined;
      expire(now());
    });
  }

  function expire(time: number): void {
    while (first && first.due <= time) {
      const late = first;
      remove(late);
      late.expire();
    }
    if (first && !timer) arm(Math.max(1, first.due - time));
  }

  return {
    get size() {
      return size;
    },
    add(waiting, time) {
      waiting.due = time + deadlineMs;
      waiting.before = last;
      if (last) last.after = waiting;
      else first = waiting;
      last = waiting;
      size++;
      if (!timer && deadlineMs !== Number.POSITIVE_INFINITY) arm(deadlineMs);
    },
    remove,
    close: () => timer?.cancel(),
  };
}
