import { type Call, calls } from '../module/calls/index.ts';
import {
  createTestContext,
  type InstanceOf,
  type KindName,
  type TestContext,
} from '../module/index.ts';
import { findMisfit } from './fits.ts';
import { freeze } from './freeze.ts';
import type { Samples } from './samples.ts';
import { Breach, NotApplicable, show } from './story.ts';
import type { Subject } from './suite.ts';

/** How a call ended, or that it did not. */
export type Outcome<T> =
  | { readonly state: 'answered'; readonly value: T }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'pending' };

/** Where one case happens: one world, in which a module may be made again as after a restart. */
export interface Scene<K extends KindName = KindName> {
  readonly world: TestContext;
  readonly samples: Samples<K>;
  /** Existing, and the module's to write to. */
  readonly directory: string;
  /** Beginning and middle of the story; the later of a kind takes the earlier one's place. */
  given(text: string): void;
  when(text: string): void;
  create(): Promise<InstanceOf<K>>;
  /** The end of the story, unless it holds. `got` is shown as it is. */
  expect(expected: string, holds: boolean, got: unknown): void;
  /** Waits for the end of a call while the world's time passes as well. */
  settle<T>(call: () => T | PromiseLike<T>): Promise<Outcome<T>>;
  /** Calls the method, and expects an answer in time that is what the kind says. */
  answer<T>(method: string, call: () => T | PromiseLike<T>): Promise<T>;
  /** As `answer`, where a clear refusal is as good. */
  end<T>(method: string, call: () => T | PromiseLike<T>): Promise<Outcome<T>>;
  /** Leaves the case: it does not concern this module. */
  skip(reason: string): never;
}

const PATIENCE_MS = 2_000;
/** Modules' own timers fire twenty times as soon as they would. */
const HASTE = 20;

export function createScene<K extends KindName>(subject: Subject<K>): Scene<K> {
  const { kind, directory = '/tmp', patienceMs = PATIENCE_MS } = subject;
  const world = createTestContext({ workDir: directory, runtimeDir: directory });
  const story = { given: 'a new instance', when: '' };

  const expect = (expected: string, holds: boolean, got: unknown): void => {
    if (!holds)
      throw new Breach({ ...story, expected, got: typeof got === 'string' ? got : show(got) });
  };

  async function settle<T>(call: () => T | PromiseLike<T>): Promise<Outcome<T>> {
    let outcome: Outcome<T> = { state: 'pending' };
    const finished = run(call).then((ended) => {
      outcome = ended;
    });
    const until = performance.now() + patienceMs;
    for (let last = performance.now(); outcome.state === 'pending'; ) {
      await Promise.race([finished, pause(1)]);
      const now = performance.now();
      if (now > until) break;
      world.advance((now - last) * HASTE);
      last = now;
    }
    return outcome;
  }

  async function end<T>(method: string, call: () => T | PromiseLike<T>): Promise<Outcome<T>> {
    const outcome = await settle(call);
    const within = `an answer or a refusal within ${patienceMs} ms`;
    expect(`${method} gives ${within}`, outcome.state !== 'pending', 'silence');
    if (outcome.state !== 'answered') return outcome;
    const shape = (calls[kind].methods[method] as Call | undefined)?.result;
    const misfit = shape && findMisfit(shape, outcome.value);
    expect(`${method} answers what its kind says`, misfit === undefined, misfit);
    return outcome;
  }

  return {
    ...{ world, directory, expect, settle, end },
    samples: freeze((subject.samples ?? {}) as Samples<K>),
    given(text) {
      story.given = text;
    },
    when(text) {
      story.when = text;
    },
    async create() {
      const made = await settle(async () => subject.create(world.context as never));
      if (made.state === 'answered') return made.value;
      throw new Breach({
        given: story.given,
        when: 'create is called',
        expected: 'an instance',
        got: made.state === 'failed' ? show(made.error) : 'a promise that stays pending',
      });
    },
    async answer(method, call) {
      const outcome = await end(method, call);
      if (outcome.state === 'answered') return outcome.value;
      expect(`${method} answers`, false, outcome.state === 'failed' ? outcome.error : 'silence');
      throw new Error('unreachable');
    },
    skip(reason) {
      throw new NotApplicable(reason);
    },
  };
}

async function run<T>(call: () => T | PromiseLike<T>): Promise<Outcome<T>> {
  try {
    return { state: 'answered', value: await call() };
  } catch (error) {
    return { state: 'failed', error };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
