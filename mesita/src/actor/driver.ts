import type { Clock, Logger, Timer } from '@mesita/sdk/base';
import type { Core } from './core.ts';
import { createMailbox } from './mailbox.ts';

/** The effects that every driver performs itself. */
type TimerEffect =
  /** A timer of the same id is replaced; `then` is an event of the core. */
  | {
      readonly type: 'setTimer';
      readonly id: string;
      readonly delayMs: number;
      readonly then: unknown;
    }
  /** Nothing happens when there is none. */
  | { readonly type: 'cancelTimer'; readonly id: string };

type OtherThanTimer<Effect> = Exclude<Effect, { readonly type: TimerEffect['type'] }>;

/** One event and what its handling took: for metrics, and to find slow steps. */
export interface StepMeasure<Event> {
  readonly event: Event;
  readonly effects: number;
  readonly durationMs: number;
}

interface DriverOptions<Event, Effect> {
  readonly core: Core<Event, Effect>;
  /**
   * Called once for each effect, in order. Outcomes come back through `post`, now or later. An
   * exception is logged and the next effect performed: an effect that can fail says so itself, with
   * an event.
   */
  readonly perform: (effect: OtherThanTimer<Effect>, post: (event: Event) => void) => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called after each step, with its effects performed. */
  readonly measure?: (step: StepMeasure<Event>) => void;
  /** `step` threw: its state can no longer be trusted. Called once; no event follows. */
  readonly onCrash: (error: unknown, event: Event) => void;
}

export interface Driver<Event> {
  /** Takes an event. It is handled after those already waiting, never inside this call. */
  post(event: Event): void;
  readonly queued: number;
  /** Drops what waits, and every timer. Posts are ignored from here on. */
  stop(): void;
}

/** Sockets and timers get their turn after this long, however full the mailbox is. */
const TURN_MS = 20;

/** The one place where promises meet a core's state. */
export function createDriver<Event, Effect extends { readonly type: string }>(
  options: DriverOptions<Event, Effect>,
): Driver<Event> {
  const { core, clock, log, measure, onCrash } = options;
  const timers = new Map<string, Timer>();
  const mailbox = createMailbox<Event>();
  let isScheduled = false;
  let isStopped = false;

  function post(event: Event): void {
    if (isStopped) return;
    mailbox.put(event);
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(drain);
  }

  function drain(): void {
    const began = performance.now();
    while (mailbox.size > 0 && performance.now() - began < TURN_MS) handle(mailbox.take()!);
    isScheduled = mailbox.size > 0;
    if (isScheduled) setImmediate(drain);
  }

  function handle(event: Event): void {
    const started = performance.now();
    let effects: readonly Effect[];
    try {
      effects = core.step(clock.now(), event);
    } catch (error) {
      stop();
      onCrash(error, event);
      return;
    }
    for (const effect of effects) performGuarded(effect);
    measure?.({ event, effects: effects.length, durationMs: performance.now() - started });
  }

  function performGuarded(effect: Effect): void {
    if (isStopped) return;
    try {
      if (isTimerEffect(effect)) performTimer(effect);
      else options.perform(effect as OtherThanTimer<Effect>, post);
    } catch (error) {
      log.error('effect failed', { effect: effect.type, error });
    }
  }

  function performTimer(effect: TimerEffect): void {
    const { id } = effect;
    timers.get(id)?.cancel();
    timers.delete(id);
    if (effect.type === 'cancelTimer') return;
    const { delayMs, then } = effect;
    const timer = clock.setTimer(delayMs, () => {
      timers.delete(id);
      post(then as Event);
    });
    timers.set(id, timer);
  }

  function stop(): void {
    isStopped = true;
    mailbox.clear();
    for (const timer of timers.values()) timer.cancel();
    timers.clear();
  }

  return {
    post,
    stop,
    get queued() {
      return mailbox.size;
    },
  };
}

function isTimerEffect(effect: { readonly type: string }): effect is TimerEffect {
  return effect.type === 'setTimer' || effect.type === 'cancelTimer';
}
