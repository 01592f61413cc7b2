import type { KindName } from '@mesita/sdk/module';
import { calls } from '@mesita/sdk/module/calls';
import type { Target } from './guard.ts';
import { isThenable } from './guarded-method.ts';
import type { Memory } from './memory.ts';
import type { Valve } from './valve.ts';

type Callbacks = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

interface Remembered {
  readonly target: Target;
  /** Tells the instance what its predecessor knew. Rejects when it fails to hear. */
  recall(): Promise<void>;
}

/** Lets a memory hear what an instance is told and what it says, and a valve what it says. */
export function remember(target: Target, kind: KindName, memory: Memory, valve: Valve): Remembered {
  const { methods, callbacks } = calls[kind];
  const names = Object.keys(callbacks);

  function tapped(lent: Callbacks): Callbacks {
    const tap = (name: string) => {
      if (callbacks[name]?.sort !== 'notification') return lent[name];
      return (...args: readonly unknown[]) =>
        valve.pass(() => {
          memory.heard(name, args);
          lent[name]?.(...args);
        });
    };
    return Object.fromEntries(names.map((name) => [name, tap(name)])) as Callbacks;
  }

  function call(method: string, args: readonly unknown[]): unknown {
    const given =
      methods[method]?.lends === 'callbacks'
        ? args.with(-1, tapped(args.at(-1) as Callbacks))
        : args;
    return target.call(method, given);
  }

  return {
    target: {
      ...target,
      call(method, args) {
        memory.called(method, args);
        const answer = call(method, args);
        if (memory.answered === undefined) return answer;
        const keep = (result: unknown) => memory.answered?.(method, args, result);
        if (isThenable(answer)) answer.then(keep, () => undefined);
        else keep(answer);
        return answer;
      },
    },
    async recall() {
      for (const [method, args] of memory.replay()) {
        if (target.methods.has(method)) await call(method, args);
      }
    },
  };
}
