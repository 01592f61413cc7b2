import type { Clock, Logger, Timer } from '@mesita/sdk/base';
import { createSession, type Frame, type Session } from './session.ts';

/** One thread, process or connection, from its start to its end. */
interface Body {
  send(frame: Frame): void;
  /** At once, whatever it is doing; `ended` follows. */
  kill(): void;
}

export interface BodyEvents {
  received(frame: unknown): void;
  /** What came cannot be read. */
  nonsense(what: string): void;
  /** It takes more than it may, and will be killed for this. */
  exceeded(what: string): void;
  /** Once. */
  ended(why: string): void;
}

export type Launch = (events: BodyEvents) => Body;

export interface LifeOptions {
  readonly launch: Launch;
  readonly serve: (method: string, args: unknown) => unknown;
  /** Does it answer pings, whatever its module does? */
  readonly hasHeartbeat: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A body and the conversation with it. */
export interface Life {
  readonly session: Session;
  /** Messages that were none. */
  readonly nonsense: number;
  kill(why: string): void;
}

const HEARTBEAT_MS = 5_000;
/** Notifications and nonsense a second. */
const MAX_UNASKED = 10_000;

/** `ended` is called once, with the reason; the session is closed then. */
export function startLife(options: LifeOptions, ended: (why: string) => void): Life {
  const { clock, log, serve, launch } = options;
  const admits = createFloodLimit(clock);
  let nonsense = 0;
  let reason: string | undefined;
  let heartbeat: { stop(): void } | undefined;

  const kill = (why: string): void => {
    reason ??= why;
    body.kill();
  };
  const countUnasked = (): void => {
    if (reason === undefined && !admits()) kill('it floods its output');
  };
  const garbage = (what: string): void => {
    if (nonsense++ % 1_000 === 0) log.warn('module said nonsense', { what, before: nonsense - 1 });
    countUnasked();
  };
  const session = createSession({ send: (frame) => body.send(frame), serve, nonsense: garbage });
  const body = launch({
    received(frame) {
      if ((frame as { id?: unknown } | null)?.id === undefined) countUnasked();
      session.receive(frame);
    },
    nonsense: garbage,
    exceeded: kill,
    ended(why) {
      heartbeat?.stop();
      session.close(`was not answered, because its home ended: ${reason ?? why}`);
      ended(reason ?? why);
    },
  });
  if (options.hasHeartbeat) heartbeat = beat(session, clock, kill);
  return {
    session,
    get nonsense() {
      return nonsense;
    },
    kill,
  };
}

function createFloodLimit(clock: Clock): () => boolean {
  let second = 0;
  let count = 0;
  return () => {
    const now = Math.floor(clock.now() / 1_000);
    if (now !== second) {
      second = now;
      count = 0;
    }
    return ++count <= MAX_UNASKED;
  };
}

/** A module that keeps its thread busy without end is found by this alone, when nobody asks it. */
function beat(session: Session, clock: Clock, kill: (why: string) => void) {
  let timer: Timer;
  const next = (): void => {
    timer = clock.setTimer(HEARTBEAT_MS, () => {
      let isAnswered = false;
      const answered = () => {
        isAnswered = true;
      };
      session.request('ping', []).then(answered, answered);
      timer = clock.setTimer(HEARTBEAT_MS, () => {
        if (isAnswered) next();
        else kill('it does not react');
      });
    });
  };
  next();
  return { stop: () => timer.cancel() };
}
