import type { Clock, Timer } from '@mesita/sdk/base';

export interface Appointment {
  readonly due: number;
  readonly order: number;
  task: (() => void) | undefined;
}

// Clocks built on 32-bit timers cannot wait longer; an alarm that rings early is set again.
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * What the allocator does later. Tasks put off run one after another in the order of their
 * request, once the caller has returned; appointments run at their time, those of one instant in
 * the order of their making. One timer of the clock serves them all, so the order at one instant
 * does not depend on the clock.
 */
export class Agenda {
  readonly #clock: Clock;
  #appointments: Appointment[] = [];
  #tasks: (() => void)[] = [];
  #order = 0;
  #isDraining = false;
  #alarm: { due: number; timer: Timer } | undefined;
  #drain: Timer | undefined;
  #cancelled = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** How many tasks are put off. */
  get waiting(): number {
    return this.#tasks.length;
  }

  /** Runs `task` after what is already waiting. */
  defer(task: () => void): void {
    this.#tasks.push(task);
    if (this.#isDraining || this.#drain !== undefined) return;
    this.#drain = this.#clock.setTimer(0, () => this.#drainTasks());
  }

  after(delayMs: number, task: () => void): Appointment {
    const appointment = { due: this.now() + delayMs, order: this.#order++, task };
    push(this.#appointments, appointment);
    this.#setAlarm();
    return appointment;
  }

  cancel(appointment: Appointment): void {
    if (appointment.task === undefined) return;
    appointment.task = undefined;
    // Filters may be for a year and be cancelled a second later.
    if (++this.#cancelled > 64 && this.#cancelled > this.#appointments.length / 2)
      this.#forgetCancelled();
  }

  #forgetCancelled(): void {
    const kept = this.#appointments.filter(({ task }) => task !== undefined);
    // A sorted array is a heap.
    this.#appointments = kept.sort((a, b) => a.due - b.due || a.order - b.order);
    this.#cancelled = 0;
  }

  #setAlarm(): void {
    const next = this.#appointments[0];
    if (next === undefined || (this.#alarm !== undefined && this.#alarm.due <= next.due)) return;
    this.#alarm?.timer.cancel();
    const delay = Math.min(MAX_DELAY_MS, Math.max(0, next.due - this.now()));
    this.#alarm = { due: next.due, timer: this.#clock.setTimer(delay, () => this.#ring()) };
  }

  #ring(): void {
    this.#alarm = undefined;
    const now = this.now();
    for (
      let next = this.#appointments[0];
      next !== undefined && next.due <= now;
      next = this.#appointments[0]
    ) {
      pop(this.#appointments);
      if (next.task === undefined) this.#cancelled--;
      else this.#tasks.push(next.task);
      next.task = undefined;
    }
    this.#setAlarm();
    this.#drainTasks();
  }

  #drainTasks(): void {
    this.#drain?.cancel();
    this.#drain = undefined;
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      // Tasks may put off more, which come after those that wait already.
      for (let i = 0; i < this.#tasks.length; i++) (this.#tasks[i] as () => void)();
    } finally {
      this.#tasks = [];
      this.#isDraining = false;
    }
  }
}

function isBefore(a: Appointment, b: Appointment): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

// A binary heap, the earliest first.
function push(heap: Appointment[], appointment: Appointment): void {
  let at = heap.length;
  heap.push(appointment);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Appointment;
    if (!isBefore(appointment, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = appointment;
}

function pop(heap: Appointment[]): void {
  const last = heap.pop() as Appointment;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    const right = child + 1;
    if (right < heap.length && isBefore(heap[right] as Appointment, heap[child] as Appointment))
      child = right;
    const below = heap[child] as Appointment;
    if (!isBefore(below, last)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}
