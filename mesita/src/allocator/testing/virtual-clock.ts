import type { Clock, Timer } from '@mesita/sdk/base';

interface Pending {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that moves when told to; timers of one instant fire in the order of their making. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const pending = { due: this.#now + delayMs, order: this.#order++, callback };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Fires what is due now, and what that makes due. */
  settle(): void {
    for (
      let next = this.#next();
      next !== undefined && next.due <= this.#now;
      next = this.#next()
    ) {
      this.#pending.delete(next);
      next.callback();
    }
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(); next !== undefined && next.due <= end; next = this.#next()) {
      this.#now = Math.max(this.#now, next.due);
      this.#pending.delete(next);
      next.callback();
    }
    this.#now = end;
  }

  #next(): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (
        first === undefined ||
        pending.due < first.due ||
        (pending.due === first.due && pending.order < first.order)
      ) {
        first = pending;
      }
    }
    return first;
  }
}
