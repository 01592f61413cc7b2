import type { Clock, Instant, Timer } from '@mesita/sdk/base';

interface Appointment extends Timer {
  readonly at: Instant;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Virtual time: it stands still until the next appointment is run. */
export interface Timeline extends Clock {
  readonly startedAt: Instant;
  readonly done: number;
  /** Runs the earliest appointment up to `limit`; false, at `limit`, when there is none. */
  runNext(limit: Instant): boolean;
}

export function createTimeline(start: Instant): Timeline {
  const heap: Appointment[] = [];
  let now = start;
  let order = 0;
  let done = 0;
  return {
    startedAt: start,
    now: () => now,
    get done() {
      return done;
    },
    setTimer(delayMs, callback) {
      const appointment: Appointment = {
        at: now + Math.max(0, delayMs),
        order: order++,
        callback,
        cancel() {
          this.callback = undefined;
        },
      };
      push(heap, appointment);
      return { cancel: () => appointment.cancel() };
    },
    runNext(limit) {
      for (let first = heap[0]; first; first = heap[0]) {
        if (first.at > limit) break;
        pop(heap);
        if (!first.callback) continue;
        now = first.at;
        done++;
        first.callback();
        return true;
      }
      now = Math.max(now, limit);
      return false;
    },
  };
}

// A binary heap, the earliest first; equal times in the order of their making.
function isBefore(a: Appointment, b: Appointment): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Appointment[], item: Appointment): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Appointment;
    if (!isBefore(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Appointment[]): void {
  const last = heap.pop() as Appointment;
  if (heap.length === 0) return;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    const right = heap[child + 1];
    if (right && isBefore(right, heap[child] as Appointment)) child++;
    const below = heap[child] as Appointment;
    if (!isBefore(below, last)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}
