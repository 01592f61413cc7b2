import type { Clock, Timer } from '@mesita/sdk/base';

/** What one of two said: the same is expected of the other, soon. */
interface Statement<T> {
  readonly by: Side;
  readonly key: string;
  readonly value: T;
}

type Side = 'acting' | 'candidate';

interface Matcher<T> {
  say(by: Side, key: string, value: T): void;
  /** What the other did not say until now, it did not say. */
  settle(isMeant: (value: T) => boolean): void;
  stop(): void;
}

interface MatcherOptions<T> {
  readonly windowMs: number;
  readonly clock: Clock;
  equal(): void;
  /** The other said nothing of the kind. */
  alone(statement: Statement<T>): void;
}

/** More at once are settled before their time. */
const MAX_WAITING = 10_000;

/** Pairs what two say of the same; each has a while to say what the other did. */
export function createMatcher<T>({ windowMs, clock, equal, alone }: MatcherOptions<T>): Matcher<T> {
  const waiting = new Map<Statement<T>, Timer>();

  function take(statement: Statement<T>): void {
    waiting.get(statement)?.cancel();
    waiting.delete(statement);
  }

  function give(statement: Statement<T>): void {
    take(statement);
    alone(statement);
  }

  return {
    say(by, key, value) {
      for (const other of waiting.keys()) {
        if (other.by === by || other.key !== key) continue;
        take(other);
        return equal();
      }
      const statement = { by, key, value };
      waiting.set(
        statement,
        clock.setTimer(windowMs, () => give(statement)),
      );
      const oldest = waiting.keys().next().value;
      if (waiting.size > MAX_WAITING && oldest) give(oldest);
    },
    settle(isMeant) {
      const meant = [...waiting.keys()].filter(({ value }) => isMeant(value));
      // What the candidate has in its hand comes back before it is told who has it.
      for (const one of meant) if (one.by === 'candidate') give(one);
      for (const one of meant) if (one.by === 'acting') give(one);
    },
    stop() {
      for (const timer of waiting.values()) timer.cancel();
      waiting.clear();
    },
  };
}
