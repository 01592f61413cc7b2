import { type Clock, formatDuration, type Logger } from '@mesita/sdk/base';
import type { Hook } from '@mesita/sdk/module';

export type HookMethod = keyof Hook;

/** A hook under the name by which it was installed. */
export interface InstalledHook {
  readonly name: string;
  readonly hook: Hook;
}

export interface HookOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** Longest wait for one answer. */
  readonly deadlineMs: number;
  /** Told of each call that failed or was given up. */
  readonly onFailure?: (hook: string, method: HookMethod) => void;
}

/** The ways of calling hooks, of which the eleven are made. */
export interface HookCalls {
  has(method: HookMethod): boolean;
  /**
   * One hook after the other. What one answers is `accept`ed into the value the next one sees;
   * nothing keeps it, and so does a failure. Never rejects.
   */
  chain<T, A>(
    method: HookMethod,
    value: T,
    call: (hook: Hook, value: T) => A | undefined | Promise<A | undefined>,
    accept: (value: T, answer: A) => T,
  ): Promise<T>;
  /** Each hook is told, whatever becomes of the others. Never rejects. */
  tell(method: HookMethod, call: (hook: Hook) => void | Promise<void>): Promise<void>;
  /** All hooks at once, with the same input; the answers in order. One failure fails all. */
  collect<A>(
    method: HookMethod,
    call: (hook: Hook) => A | undefined | Promise<A | undefined>,
  ): Promise<readonly A[]>;
}

export function createHookCalls(
  installed: readonly InstalledHook[],
  { log, clock, deadlineMs, onFailure }: HookOptions,
): HookCalls {
  const having = (method: HookMethod) =>
    installed.filter(({ hook }) => typeof hook[method] === 'function');

  /** Also what a hook throws before it gives a promise becomes a rejection. */
  function bounded<A>(call: () => A | Promise<A>): Promise<A> {
    return new Promise<A>((resolve, reject) => {
      const timer = clock.setTimer(deadlineMs, () =>
        reject(new Error(`no answer within ${formatDuration(deadlineMs)}`)),
      );
      const settle = (act: () => void) => {
        timer.cancel();
        act();
      };
      (async () => call())().then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  function noteFailure(hook: string, method: HookMethod, error: unknown): void {
    log.warn('hook failed', { hook, method, error });
    onFailure?.(hook, method);
  }

  return {
    has: (method) => having(method).length > 0,
    async chain(method, first, call, accept) {
      let value = first;
      for (const { name, hook } of having(method)) {
        try {
          const answer = await bounded(() => call(hook, value));
          if (answer !== undefined && answer !== null) value = accept(value, answer);
        } catch (error) {
          noteFailure(name, method, error);
        }
      }
      return value;
    },
    async tell(method, call) {
      for (const { name, hook } of having(method)) {
        try {
          await bounded(() => call(hook));
        } catch (error) {
          noteFailure(name, method, error);
        }
      }
    },
    async collect(method, call) {
      const answers = await Promise.all(
        having(method).map(async ({ name, hook }) => {
          try {
            return await bounded(() => call(hook));
          } catch (error) {
            noteFailure(name, method, error);
            throw error;
          }
        }),
      );
      return answers.flatMap((answer) => (answer === undefined ? [] : [answer]));
    },
  };
}
