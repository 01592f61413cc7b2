import type { Timer } from '@mesita/sdk/base';
import type { Core } from '../../actor/core.ts';
import { createLifeClock, type LifeClock, type Timeline } from './timeline.ts';

interface ActorOptions<Event, Effect> {
  readonly core: Core<Event, Effect>;
  readonly timeline: Timeline;
  readonly perform: (effect: Effect) => void;
  readonly stepped: (event: Event, effects: readonly Effect[]) => void;
}

export interface Actor<Event> {
  readonly clock: LifeClock;
  post(event: Event): void;
  /** As `kill -9`: nothing is heard of it again. */
  kill(): void;
}

interface TimerEffect {
  readonly type: string;
  readonly id: string;
  readonly delayMs: number;
  readonly then: unknown;
}

/** A core with a mailbox and timers, as the real driver has them, but on virtual time. */
export function createActor<Event, Effect extends { readonly type: string }>({
  core,
  timeline,
  perform,
  stepped,
}: ActorOptions<Event, Effect>): Actor<Event> {
  const clock = createLifeClock(timeline);
  const timers = new Map<string, Timer>();
  const mailbox: Event[] = [];
  let isStepping = false;

  function post(event: Event): void {
    if (clock.isOver) return;
    mailbox.push(event);
    if (isStepping) return;
    isStepping = true;
    for (let next = mailbox.shift(); next && !clock.isOver; next = mailbox.shift()) step(next);
    isStepping = false;
  }

  function step(event: Event): void {
    const effects = core.step(clock.now(), event);
    for (const effect of effects) {
      if (clock.isOver) return;
      if (effect.type === 'setTimer' || effect.type === 'cancelTimer') {
        performTimer(effect as unknown as TimerEffect);
      } else {
        perform(effect);
      }
    }
    stepped(event, effects);
  }

  function performTimer({ type, id, delayMs, then }: TimerEffect): void {
    timers.get(id)?.cancel();
    timers.delete(id);
    if (type === 'cancelTimer') return;
    const timer = clock.setTimer(delayMs, () => {
      timers.delete(id);
      post(then as Event);
    });
    timers.set(id, timer);
  }

  return {
    clock,
    post,
    kill() {
      clock.end();
      mailbox.length = 0;
    },
  };
}
