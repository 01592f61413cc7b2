import type { Logger } from '@mesita/sdk/base';
import type { Hook } from '@mesita/sdk/module';

export type HookMethod = keyof Hook;

const hookMethods = Object.keys({
  masterLaunchTaskResourceDecorator: true,
  masterLaunchTaskLabelDecorator: true,
  masterAgentLost: true,
  agentRunTaskLabelDecorator: true,
  agentExecutorEnvironmentDecorator: true,
  agentPreLaunchDockerTaskExecutorDecorator: true,
  agentPostFetch: true,
  agentTaskStatusDecorator: true,
  agentRemoveExecutor: true,
  agentResourcesDecorator: true,
  agentAttributesDecorator: true,
} satisfies Readonly<Record<HookMethod, true>>) as HookMethod[];

/**
 * A hook under the name by which it was installed. Its calls end by themselves: who made it sees to
 * their deadlines. Its methods come and go as it is reloaded.
 */
export interface InstalledHook {
  readonly name: string;
  readonly hook: Hook;
}

export interface HookOptions {
  readonly log: Logger;
  /** Told of each call that failed. */
  readonly onFailure?: (hook: string, method: HookMethod) => void;
}

/** The ways of calling hooks, of which the eleven are made. */
interface HookCalls {
  has(method: HookMethod): boolean;
  /** The same set for good; `refresh` brings it up to the present. */
  readonly moments: ReadonlySet<HookMethod>;
  refresh(): void;
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
  { log, onFailure }: HookOptions,
): HookCalls {
  const having = (method: HookMethod) =>
    installed.filter(({ hook }) => typeof hook[method] === 'function');

  const moments = new Set<HookMethod>();
  const refresh = () => {
    moments.clear();
    for (const method of hookMethods) if (having(method).length > 0) moments.add(method);
  };
  refresh();

  function noteFailure(hook: string, method: HookMethod, error: unknown): void {
    log.warn('hook failed', { hook, method, error });
    onFailure?.(hook, method);
  }

  return {
    has: (method) => moments.has(method),
    moments,
    refresh,
    async chain(method, first, call, accept) {
      let value = first;
      for (const { name, hook } of having(method)) {
        try {
          const answer = await call(hook, value);
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
          await call(hook);
        } catch (error) {
          noteFailure(name, method, error);
        }
      }
    },
    async collect(method, call) {
      const answers = await Promise.all(
        having(method).map(async ({ name, hook }) => {
          try {
            return await call(hook);
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
