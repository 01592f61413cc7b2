import type { Timer } from '@mesita/sdk/base';
import type { Core } from '../../actor/core.ts';
import type { Life } from './life.ts';

interface ActorOptions<Event, Effect> {
  readonly core: Core<Event, Effect>;
  readonly life: Life;
  readonly perform: (effect: Effect) => void;
  /** After each step, before its effects are performed. */
  readonly stepped: (event: Event, effects: readonly Effect[]) => void;
}

export interface Actor<Event> {
  post(event: Event): void;
}

interface TimerEffect {
  readonly type: string;
  readonly id: string;
  readonly delayMs: number;
  readonly then: unknown;
}

/**
 * A core with a mailbox and timers, as the real driver has them, but on virtual time. It stops
 * between any two effects when its process ends or freezes there.
 */
export function createActor<Event, Effect extends { readonly type: string }>({
  core,
  life,
  perform,
  stepped,
}: ActorOptions<Event, Effect>): Actor<Event> {
  const timers = new Map<string, Timer>();
  const mailbox: Event[] = [];
  let effects: readonly Effect[] = [];
  let performed = 0;
  let isRunning = false;

  function post(event: Event): void {
    if (life.isOver) return;
    mailbox.push(event);
    if (!isRunning) run();
  }

  function run(): void {
    isRunning = true;
    while (!life.isOver && !life.isFrozen && advance());
    isRunning = false;
    if (life.isOver) mailbox.length = 0;
    else if (life.isFrozen) {
      isRunning = true;
      life.enter(run);
    }
  }

  /** One effect, or one step; false when there is nothing to do. */
  function advance(): boolean {
    const effect = effects[performed];
    if (effect) {
      performed++;
      if (effect.type === 'setTimer' || effect.type === 'cancelTimer') {
        performTimer(effect as unknown as TimerEffect);
      } else {
        perform(effect);
      }
      return true;
    }
    const event = mailbox.shift();
    if (event === undefined) return false;
    effects = core.step(life.now(), event);
    performed = 0;
    stepped(event, effects);
    return true;
  }

  function performTimer({ type, id, delayMs, then }: TimerEffect): void {
    timers.get(id)?.cancel();
    timers.delete(id);
    if (type === 'cancelTimer') return;
    const timer = life.setTimer(delayMs, () => {
      timers.delete(id);
      post(then as Event);
    });
    timers.set(id, timer);
  }

  return { post };
}
