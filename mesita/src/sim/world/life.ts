import type { Clock, Instant } from '@mesita/sdk/base';
import type { Timeline } from './timeline.ts';

/**
 * The time between the start of a process and its end. Its clock is its machine's: the wall clock
 * may jump; the monotonic one only runs a little fast or slow. A frozen process does nothing, and
 * does what it missed when it goes on; one whose life is over does nothing any more.
 */
export interface Life extends Clock {
  readonly isOver: boolean;
  readonly isFrozen: boolean;
  monotonic(): number;
  /** Now, or when it goes on again. */
  enter(act: () => void): void;
  /** As SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** As `kill -9`. */
  end(): void;
}

/** A machine's clocks. */
export interface Clocks {
  /** How far the wall clock is from the truth. */
  offsetMs: number;
  /** Seconds of the monotonic clock in a true one. */
  readonly rate: number;
}

const trueClocks: Clocks = { offsetMs: 0, rate: 1 };

export function createLife(
  timeline: Timeline,
  clocks: Clocks = trueClocks,
  afterEach?: () => void,
): Life {
  let isOver = false;
  let isFrozen = false;
  let held: (() => void)[] = [];

  function enter(act: () => void): void {
    if (isOver) return;
    if (isFrozen) {
      held.push(act);
      return;
    }
    act();
    afterEach?.();
  }

  function monotonic(): Instant {
    return timeline.startedAt + (timeline.now() - timeline.startedAt) * clocks.rate;
  }

  return {
    get isOver() {
      return isOver;
    },
    get isFrozen() {
      return isFrozen;
    },
    now: () => monotonic() + clocks.offsetMs,
    monotonic,
    enter,
    setTimer(delayMs, callback) {
      let isCancelled = false;
      const act = () => {
        if (!isCancelled) callback();
      };
      const timer = timeline.setTimer(delayMs / clocks.rate, () => enter(act));
      return {
        cancel() {
          isCancelled = true;
          timer.cancel();
        },
      };
    },
    freeze() {
      isFrozen = true;
    },
    thaw() {
      isFrozen = false;
      // One after another, so that what one promises is settled before the next.
      for (const act of held.splice(0)) timeline.setTimer(0, () => enter(act));
    },
    end() {
      isOver = true;
      held = [];
    },
  };
}
