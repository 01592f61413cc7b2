import type { Timer } from '@mesita/sdk/base';
import { isModuleSkipped } from '@mesita/sdk/module';
import { lost } from './failure.ts';
import { type Life, type LifeOptions, startLife } from './life.ts';
import type { Session } from './session.ts';

/**
 *   starting ──ready──▶ running ──end──▶ resting ──▶ starting …
 *      │ first life ends                    │
 *      └────────────▶ stopped ◀──stop───────┘
 */
export type HomeState = 'starting' | 'running' | 'resting' | 'stopped';

interface KeeperOptions extends LifeOptions {
  /** Makes the module ready: the same in each life. A rejection ends the life. */
  readonly begin: (session: Session) => Promise<void>;
}

/** Keeps a module's home alive: calls go to its present life, or wait for the next one. */
export interface Keeper {
  readonly state: HomeState;
  /** How often it was started again. */
  readonly restarts: number;
  /** Messages that were none, of all lives. */
  readonly nonsense: number;
  /** Of the first life; rejects when that fails. */
  readonly started: Promise<void>;
  request(method: string, args: unknown): Promise<unknown>;
  /** Dropped while there is no life: what must not be lost, `begin` says again. */
  notify(method: string, args: unknown): void;
  /** `mustAnswer`: when even the cancelled call is not answered, the home is started anew. */
  abandon(answer: PromiseLike<unknown>, mustAnswer: boolean): void;
  stop(): Promise<void>;
}

const FIRST_REST_MS = 100;
const MAX_REST_MS = 5_000;
/** Who lived this long does not crash in a loop. */
const GOOD_LIFE_MS = 10_000;
const GRACE_MS = 2_000;
const STOP_MS = 2_000;

interface Course {
  state: HomeState;
  restarts: number;
  /** Of ended lives. */
  nonsense: number;
  restMs: number;
  life: Life | undefined;
  timer: Timer | undefined;
  ready: ReturnType<typeof deferred>;
  /** Why the first life could not begin, as it was told. */
  refusal: Error | undefined;
  stopped: (() => void) | undefined;
}

export function createKeeper(options: KeeperOptions): Keeper {
  const course: Course = {
    ...{ state: 'starting', restarts: 0, nonsense: 0, restMs: FIRST_REST_MS, ready: deferred() },
    ...{ life: undefined, timer: undefined, stopped: undefined, refusal: undefined },
  };
  const started = course.ready.promise;
  start(course, options);
  return {
    get state() {
      return course.state;
    },
    get restarts() {
      return course.restarts;
    },
    get nonsense() {
      return course.nonsense + (course.life?.nonsense ?? 0);
    },
    started,
    request(method, args) {
      const { state, life, ready } = course;
      if (state === 'running' && life) return life.session.request(method, args);
      if (state === 'stopped')
        return Promise.reject(lost('was not asked, because its home is closed'));
      return ready.promise.then(() => (course.life as Life).session.request(method, args));
    },
    notify(method, args) {
      if (course.state === 'running') course.life?.session.notify(method, args);
    },
    abandon(answer, mustAnswer) {
      const { life } = course;
      life?.session.abandon(answer);
      if (!mustAnswer || !life || course.state !== 'running') return;
      const timer = options.clock.setTimer(GRACE_MS, () =>
        life.kill('it does not even answer a call that was cancelled'),
      );
      const answered = () => timer.cancel();
      answer.then(answered, answered);
    },
    stop: () => stop(course, options),
  };
}

function start(course: Course, options: KeeperOptions): void {
  const born = options.clock.now();
  course.state = 'starting';
  const life = startLife(options, (why) => finish(course, options, why, born));
  course.life = life;
  options.begin(life.session).then(
    () => {
      if (course.life !== life || course.state !== 'starting') return;
      course.state = 'running';
      course.ready.resolve();
    },
    (error: Error) => {
      course.refusal = error;
      life.kill(error.message);
    },
  );
}

function finish(course: Course, options: KeeperOptions, why: string, born: number): void {
  const { clock, log } = options;
  const { state, restarts } = course;
  course.nonsense += course.life?.nonsense ?? 0;
  course.life = undefined;
  if (state === 'stopped') {
    course.stopped?.();
    return;
  }
  if (state === 'starting' && restarts === 0) {
    course.state = 'stopped';
    course.ready.reject(isModuleSkipped(course.refusal) ? course.refusal : new Error(why));
    return;
  }
  log.error('home of a module ended; it is started again', { reason: why, restarts });
  if (state === 'running') course.ready = deferred();
  if (clock.now() - born > GOOD_LIFE_MS) course.restMs = FIRST_REST_MS;
  course.state = 'resting';
  course.timer = clock.setTimer(course.restMs, () => {
    course.restarts++;
    start(course, options);
  });
  course.restMs = Math.min(course.restMs * 2, MAX_REST_MS);
}

async function stop(course: Course, { clock }: KeeperOptions): Promise<void> {
  course.timer?.cancel();
  course.ready.reject(lost('was not asked, because its home is closed'));
  course.state = 'stopped';
  const { life } = course;
  if (!life) return;
  const gone = new Promise<void>((resolve) => {
    course.stopped = resolve;
  });
  life.session.notify('shutdown', undefined);
  const timer = clock.setTimer(STOP_MS, () => life.kill('it did not end by itself'));
  await gone;
  timer.cancel();
}

function deferred() {
  let resolve = (): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Nobody may be waiting.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
