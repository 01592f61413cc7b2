import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '@mesita/sdk/base';

/** Longest delay a Node timer takes; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const start = (remainingMs: number) => {
      const delay = Math.min(Math.max(remainingMs, 0), MAX_DELAY_MS);
      timer = setTimeout(() => {
        if (remainingMs > delay) start(remainingMs - delay);
        else callback();
      }, delay);
    };
    start(delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
};
